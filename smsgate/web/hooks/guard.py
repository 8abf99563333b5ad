"""Decides who may post to the hooks. The provider doesn't sign its callbacks, so a secret token identifies it.

Three things back the token up: the operator may list the provider's networks; each token has a rate limit, counted in
each process; and odd callbacks are counted, with at most one alert an hour to the operator. The simulated phone has a
token of its own, which is accepted from loopback only.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from hmac import compare_digest

import structlog
from flask import Request, abort
from sqlalchemy.exc import SQLAlchemyError

from smsgate.flows import sms
from smsgate.models.security_events import SecurityEvent, log_seldom
from smsgate.outbox import keys
from smsgate.outbox.operator_alerts import alert_operator
from smsgate.service import Service

log = structlog.get_logger()
HOUR = 3600.0  # seconds
ODD_AN_HOUR = 100  # more than this in one process alerts the operator


def phone_token(service: Service) -> str:
    """Return the simulated phone's own token, so that no page has to show one that an operator set."""
    return service.keyring.derived("simulated phone")[0]


def is_on_this_machine(request: Request) -> bool:
    """Return whether the request comes from this machine itself, not from elsewhere through a proxy."""
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    host = request.host.rpartition(":")[0] or request.host
    local = host.strip("[]") == "localhost" or _is_loopback(host.strip("[]"))
    return local and not passed_on and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return _parsed(address).is_loopback
    except ValueError:
        return False


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address. Where HOST is ::, that of an IPv4 client comes as ::ffff:203.0.113.9. Raises ValueError."""
    parsed = ipaddress.ip_address(address)
    return getattr(parsed, "ipv4_mapped", None) or parsed


class HookGuard:
    """Admits or refuses callbacks, and counts the odd ones."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tokens = [token.encode() for token in service.settings.hook_tokens]
        self._own = phone_token(service).encode() if service.settings.simulated else b""
        self._networks = [ipaddress.ip_network(network) for network in service.settings.hook_networks]
        self._lock = threading.Lock()
        self._rates: Counter[bytes] = Counter()
        self._second = 0
        self._odd: list[float] = []
        self._alerted_at = -HOUR

    def admit(self, request: Request, given: str) -> None:
        """Abort with 404 for a wrong token or network, with 503 above the rate limit: the provider may then retry."""
        token = given.encode()
        tried = [compare_digest(token, known) for known in self._tokens]  # compares all of them, in constant time
        if self._own and compare_digest(token, self._own) and is_on_this_machine(request):
            return
        if True not in tried:
            log_seldom(SecurityEvent.HOOK_REFUSED)
            abort(404)
        if self._networks and not self._is_near(request):
            self.note_odd("network")
            abort(404)
        if self._is_over_rate(token):
            self.note_odd("rate")
            abort(503)

    def _is_near(self, request: Request) -> bool:
        count, hops = self._service.settings.proxies, request.headers.get("X-Forwarded-For", "").split(",")
        address = hops[-count].strip() if count and len(hops) >= count else request.remote_addr or ""
        try:
            return any(_parsed(address) in network for network in self._networks)
        except ValueError:
            return False

    def _is_over_rate(self, token: bytes) -> bool:
        most = self._service.settings.hook_rate
        if not most:
            return False
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second, self._rates = second, Counter()
            self._rates[token] += 1
            return self._rates[token] > most

    def note_odd(self, what: str) -> None:
        """Count a callback that the provider would not send; alert the operator if there are too many in an hour."""
        now = time.monotonic()
        with self._lock:
            self._odd = [at for at in self._odd[-ODD_AN_HOUR:] if at > now - HOUR] + [now]
            due = len(self._odd) > ODD_AN_HOUR and self._alerted_at <= now - HOUR
            if due:
                self._alerted_at = now
        if due:
            log.error("odd_callbacks", last=what, in_an_hour=ODD_AN_HOUR)
            self._alert()

    def _alert(self) -> None:
        service, now = self._service, self._service.now()
        try:
            with service.database.transaction() as session:
                operator = service.settings.operator_number
                alert_operator(session, operator, sms.odd_callbacks, keys.odd_traffic(now), now)
        except SQLAlchemyError as error:
            log.error("alert_not_queued", error=type(error).__name__)
