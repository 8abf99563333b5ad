"""How often a browser may ask for a code and try one, with waits that grow.

A carrier puts hundreds of phones behind one address, so one of them must not use up the others' tries: each browser has
its own budget, identified by the CSRF token in its forms, or by its cookie if it is known. An address as a whole is
limited only against floods. Answering a try takes a while (`signing_in.ANSWER_AFTER`), so only a few threads of a
process do that at once: callers need the others. Guessing is limited elsewhere, whatever its source: each code allows a
few tries (`login`, `console_codes`), each number a few texts (`outbox.limits`), each app a few tries and then growing
waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, TypeVar

from flask import request, session
from flask_limiter import Limiter, RouteLimit
from werkzeug.exceptions import TooManyRequests

from smsgate.web.console.accounts import known_browser

if TYPE_CHECKING:
    from flask import Flask

    from smsgate.service import Service

Answer = TypeVar("Answer")
# Per browser: the first wait is a minute, then ten minutes, then an hour.
ASKS = "10 per minute; 30 per 10 minutes; 60 per hour"
TRIES = "20 per minute; 60 per 10 minutes; 120 per hour"
# For all unknown browsers at one address: more than hundreds of people need, less than keeps a server busy.
FLOOD = "600 per minute"
AT_ONCE = 2  # of the four threads of a process
SOON = 5  # seconds
_being_answered = BoundedSemaphore(AT_ONCE)


def build(app: Flask, service: Service) -> Limiter:
    """Return the limiter; it counts under pseudonyms in Redis, or in this process while Redis is down."""
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
    """Return the limit per address, for routes that also have a limit per browser."""
    return limiter.limit(
        FLOOD,
        key_func=lambda: service.keyring.tag(f"address {request.remote_addr}"),
        exempt_when=lambda: bool(known_browser.tags()),
    )


def few_at_once(view: Callable[[], Answer]) -> Callable[[], Answer]:
    """Refuse a try (429) while AT_ONCE others are being answered by this process."""

    @wraps(view)
    def limited() -> Answer:
        if not _being_answered.acquire(blocking=False):
            raise TooManyRequests
        try:
            return view()
        finally:
            _being_answered.release()

    return limited


def _browser() -> str:
    """Return what identifies the browser: its cookie if it is known, else the CSRF token that every form must have."""
    return "".join(known_browser.tags()[:1]) or f"browser {session.get('csrf_token', request.remote_addr)}"


def seconds_left(limiter: Limiter) -> int:
    """Return the seconds until the next try is allowed: at least one, and SOON if it was refused by `few_at_once`."""
    breached = limiter.current_limit
    return max(1, min(int(breached.reset_at - time.time()), 3600)) if breached else SOON
