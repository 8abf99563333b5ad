"""TODO-INIT smsgate/web/console/notices."""
