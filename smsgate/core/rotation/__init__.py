"""Rotating keys: what an older key sealed is sealed again, and two rows of one value become one."""
