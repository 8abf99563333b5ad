"""TODO-INIT smsgate/conversations/sms."""
