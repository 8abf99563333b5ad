"""TODO-INIT smsgate/flows/leader."""
