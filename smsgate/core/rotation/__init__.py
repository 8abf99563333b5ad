"""Key rotation: seals again what an older key sealed, and merges two rows that turn out to hold the same value."""
