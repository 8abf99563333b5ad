"""TODO-INIT smsgate/web/console/meetings."""
