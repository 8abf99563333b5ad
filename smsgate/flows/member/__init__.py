"""TODO-INIT smsgate/flows/member."""
