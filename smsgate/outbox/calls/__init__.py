"""Calls to gateways: which account carries a text (`dispatch`), what is noted before each call (`handover`).

An account that fails rests behind a circuit breaker (`circuit_breaker`), and no account is called faster than its rate
allows (`rate_limit`). A worker that dies leaves in doubt only what it had handed over, and a help text whose two calls
are in doubt and left no trace is tried once more (`lost_replies`). Start with `dispatch.py`.
"""
