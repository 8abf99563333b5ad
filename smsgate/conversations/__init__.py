"""TODO-INIT smsgate/conversations."""
