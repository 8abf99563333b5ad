"""TODO-INIT smsgate/flows/help."""
