"""TODO-INIT smsgate/web/console/accounts."""
