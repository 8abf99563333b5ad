"""Calls to gateways: which account carries a text (`dispatch`), what is noted before each call (`handover`).

An account that fails rests behind a circuit breaker (`circuit_breaker`), and no account is called faster than its rate
allows (`rate_limit`). When a worker dies, only what it had handed over is in doubt. A help text whose two calls are
both in doubt and left no trace is tried once more (`lost_replies`). Start with `dispatch.py`.
"""
