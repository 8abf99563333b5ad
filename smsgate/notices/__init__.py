"""TODO-INIT smsgate/notices."""
