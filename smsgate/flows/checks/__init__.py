"""TODO-INIT smsgate/flows/checks."""
