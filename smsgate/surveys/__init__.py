"""TODO-INIT smsgate/surveys."""
