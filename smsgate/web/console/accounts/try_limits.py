"""How often someone may ask for a code, and try one: so many times a browser, with waits that grow.

A carrier hides hundreds of telephones behind one address, so what one of them does costs the others nothing: each
browser has a budget of its own, by the token that its forms carry, and one that is known keeps its own, too. An address
has no more than a bound against floods. What is guessed is bounded elsewhere, wherever it comes from: each code is good
for a few tries (`login`, `console_codes`), each number for a few texts (`outbox.limits`), each app for a few more with
growing waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import request, session
from flask_limiter import Limiter, RouteLimit

from smsgate.web.console.accounts import known_browser

if TYPE_CHECKING:
    from flask import Flask

    from smsgate.service import Service

# Of one browser: a minute to wait at first, then ten, then an hour.
ASKS = "10 per minute; 30 per 10 minutes; 60 per hour"
TRIES = "20 per minute; 60 per 10 minutes; 120 per hour"
# Of all unknown browsers at one address: more than hundreds of people press, less than keeps a server busy.
FLOOD = "600 per minute"


def build(app: Flask, service: Service) -> Limiter:
    """Counted by tags in Redis, or in this process while that is away."""
    url = service.settings.redis_url
    return Limiter(
        lambda: service.keyring.tag(_browser()),
        app=app,
        storage_uri=url.replace("unix://", "redis+unix://") if url.startswith("unix://") else url,
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        key_prefix="limits",
    )


def against_floods(limiter: Limiter, service: Service) -> RouteLimit:
    """The bound of an address, for a route that has a budget of each browser, too."""
    return limiter.limit(
        FLOOD,
        key_func=lambda: service.keyring.tag(f"address {request.remote_addr}"),
        exempt_when=lambda: bool(known_browser.tags()),
    )


def _browser() -> str:
    """A browser: known from before, or by the token of its forms, without which nothing gets here."""
    return "".join(known_browser.tags()[:1]) or f"browser {session.get('csrf_token', request.remote_addr)}"


def seconds_left(limiter: Limiter) -> int:
    """How long until a try is taken again; at least a second."""
    breached = limiter.current_limit
    return max(1, min(int(breached.reset_at - time.time()), 3600)) if breached else 60
