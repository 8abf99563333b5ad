"""What runs on one's own machine only: `smsgate run` with its stores, and the rehearsal of a whole day."""
