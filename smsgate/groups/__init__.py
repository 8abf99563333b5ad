"""TODO-INIT smsgate/groups."""
