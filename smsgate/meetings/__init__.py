"""TODO-INIT smsgate/meetings."""
