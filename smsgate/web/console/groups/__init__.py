"""TODO-INIT smsgate/web/console/groups."""
