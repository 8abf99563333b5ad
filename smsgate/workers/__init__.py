"""TODO-INIT smsgate/workers."""
