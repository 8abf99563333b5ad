"""Turning keys: what an older key sealed is sealed anew, and two rows of one value become one."""
