"""Checks SMSGATE_PROXIES against the proxies that requests really pass through: sign-ins are limited by address."""

from __future__ import annotations

import time

import structlog
from flask import Request
from redis import Redis
from redis.exceptions import RedisError

from smsgate.service import Service

log = structlog.get_logger()
SEEN, KEPT_SECONDS = "forwarded:seen", 86_400
_logged: set[str] = set()  # each warning is logged once per process
NOTED_SECONDS = 3600.0
_noted: dict[str, float] = {}  # when this process last noted each for all processes
LOOPBACK = ("127.", "::1", "localhost")
OPEN_PORT = (
    "SMSGATE_PROXIES says that a proxy is in front, and HOST lets everybody connect: unless something else keeps "
    "others from the port, whoever comes by it can name any address, and has no limit of sign-ins. Set HOST=127.0.0.1."
)
SENTENCES = {
    "unexpected": "Requests come through a proxy, but SMSGATE_PROXIES is 0: everybody shares one limit of sign-ins. "
    "Set it to the number of proxies in front.",
    "missing": "SMSGATE_PROXIES says that a proxy is in front, but requests come past it: close the port to everybody "
    "else, or whoever comes by it can name any address.",
}


def look(service: Service, request: Request) -> None:
    """Log a warning if a request has forwarded headers that are not expected, or lacks ones that are."""
    # ProxyFix reads its values from the right and leaves the header in place.
    hops = [hop for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    wrong = "unexpected" if hops and not service.settings.proxies else ""
    wrong = "missing" if len(hops) < service.settings.proxies else wrong
    if not wrong:
        return
    if wrong not in _logged:
        _logged.add(wrong)
        log.warning("forwarded_headers", what=SENTENCES[wrong])
    _note(service.redis, wrong)


def _note(redis: Redis, wrong: str) -> None:
    """Keep for a day what is wrong; renewed each hour, so that the warning lasts as long as its cause."""
    now = time.monotonic()
    if now < _noted.get(wrong, -NOTED_SECONDS) + NOTED_SECONDS:
        return
    _noted[wrong] = now
    try:
        redis.set(SEEN, wrong, ex=KEPT_SECONDS)
    except RedisError:
        return


def look_at_start(service: Service) -> None:
    """Log the warnings about proxies when a web process starts."""
    for sentence in warnings(service):
        log.warning("forwarded_headers", what=sentence)


def warnings(service: Service) -> list[str]:
    """Return what to put right about proxies: from the settings, and from the requests of the last day."""
    settings = service.settings
    is_open = bool(settings.proxies) and not settings.host.startswith(LOOPBACK)
    return [*([OPEN_PORT] if is_open else []), *filter(None, [warning(service.redis)])]


def warning(redis: Redis) -> str:
    """Return what was wrong with requests of the last day, as a sentence; "" if nothing was."""
    try:
        seen = redis.get(SEEN)
    except RedisError:
        return ""
    return SENTENCES.get(seen.decode(), "") if isinstance(seen, bytes) else ""
