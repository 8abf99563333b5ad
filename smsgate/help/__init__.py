"""TODO-INIT smsgate/help."""
