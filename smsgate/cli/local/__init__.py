"""Commands for a developer's own machine: `smsgate run` with its stores, the rehearsal, and the translator's page."""
