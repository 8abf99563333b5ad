"""TODO-INIT smsgate/outbox."""
