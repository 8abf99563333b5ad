"""TODO-INIT smsgate/web/console/surveys."""
