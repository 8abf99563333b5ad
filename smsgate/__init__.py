"""smsgate: SMS and USSD for peer support groups, where a phone has no data."""
