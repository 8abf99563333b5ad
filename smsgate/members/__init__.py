"""TODO-INIT smsgate/members."""
