"""Chooses the account that carries a text: the main one, or for a help text the fallback if that did not take it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog
from redis import Redis

from smsgate.core.redis_client import OutageGuard
from smsgate.gateways import Gateway, Outcome, SendError, Verdict
from smsgate.models import Lane
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitState
from smsgate.outbox.calls.rate_limit import RateLimit
from smsgate.outbox.claims import Claimed
from smsgate.outbox.credit import OUT_OF_CREDIT

log = structlog.get_logger()
Now = Callable[[], datetime]
HandOver = Callable[[], Sequence[Claimed]]

DEFINITELY_NOT_SENT = frozenset({Verdict.RETRY, Verdict.PAUSED})
GATEWAY_FAULTS = frozenset({Verdict.RETRY, Verdict.UNKNOWN, Verdict.PAUSED})
BY_READINESS = (CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN)
PATIENT_TRIES = 3  # about a minute, during which the one repeat waits for a calm gateway
SLOW_SECONDS = 10.0  # from which a call counts as trouble though it succeeded; it usually takes a third of a second
HELP_WAITS = 2.0  # seconds at most that a help text waits for other help texts; then it is sent whatever the rate


class GatewayChannel:
    """A gateway with its circuit breaker and its rate limit."""

    def __init__(self, gateway: Gateway, redis: Redis, rate: int, now: Now, guard: OutageGuard) -> None:
        self.gateway, self.name = gateway, gateway.name
        self.circuit = Circuit(redis, gateway.name, guard)
        self._rate = RateLimit(redis, gateway.name, rate, guard)
        self._now = now

    def paced(self, lane: Lane, texts: int, seconds: float, sleep: Callable[[float], object] = time.sleep) -> bool:
        """Wait for the rate limit to allow these texts, for `seconds` at most; False if it does not by then."""
        until = time.monotonic() + seconds
        while (wait := self._rate.wait(lane, texts)) > 0:
            left = until - time.monotonic()
            if left <= 0 or sleep(min(wait, left)):
                return False
        return True

    def carry(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """Make one call. Never raises: whatever happens becomes an outcome, and the circuit records it."""
        trouble: str | None = None
        began = time.monotonic()
        try:
            outcomes = self.gateway.send(words, numbers)
            trouble = _trouble(outcomes) or ("slow" if time.monotonic() - began > SLOW_SECONDS else None)
        except SendError as error:
            outcomes, trouble = [Outcome(n, error.verdict, reason=error.reason) for n in numbers], error.reason
        except Exception as error:  # noqa: BLE001 - a gateway's bug must not stop the lane; whether it sent is unknown
            trouble = type(error).__name__
            outcomes = [Outcome(n, Verdict.UNKNOWN, reason=trouble) for n in numbers]
        if trouble:
            log.error("gateway_in_trouble", gateway=self.name, verdict=_worst(outcomes), reason=trouble)
        self.circuit.record_result(trouble, self._now())
        return [outcome._replace(gateway=self.name) for outcome in outcomes]


def _trouble(outcomes: Sequence[Outcome]) -> str | None:
    """Return what the outcomes show to be wrong with the gateway itself; lack of credit has a pause of its own."""
    for outcome in outcomes:
        if outcome.verdict is Verdict.PAUSED and outcome.reason != OUT_OF_CREDIT:
            return outcome.reason or Verdict.PAUSED
    if len(outcomes) > 1 and all(o.verdict in GATEWAY_FAULTS and o.reason != OUT_OF_CREDIT for o in outcomes):
        return outcomes[0].reason or outcomes[0].verdict
    return None


def _worst(outcomes: Sequence[Outcome]) -> Verdict:
    verdicts = [outcome.verdict for outcome in outcomes]
    return Verdict.PAUSED if Verdict.PAUSED in verdicts else verdicts[0]


def channels_for(gateways: Sequence[Gateway | None], redis: Redis, rate: int, now: Now) -> list[GatewayChannel]:
    """Return a channel for each gateway given, in order; `rate` is texts per second over all processes."""
    guard = OutageGuard()  # shared, so that a hanging Redis is noticed only once
    return [GatewayChannel(gateway, redis, rate, now, guard) for gateway in gateways if gateway]


def send(
    carriers: Sequence[GatewayChannel], lane: Lane, batch: Sequence[Claimed], now: datetime, hand_over: HandOver
) -> list[Outcome]:
    """Send one text to a batch of numbers. A help text goes to the next account at once if one did not take it.

    `hand_over` is called once, right before the first call to a gateway; only what it returns is handed over.

    An unknown outcome ends the attempt. The one repeat is a claim of its own: it goes through another account than the
    first try, or through the same one once it is calm again, so that it is not lost in the same outage.
    """
    outcomes: dict[str, Outcome] = {}
    remaining: list[str] | None = None
    tried = {text.possibly_sent_by or carriers[0].name for text in batch if text.possibly_sent_by is not None}
    for carrier in _route(carriers, lane, tried, now):
        if not _may_repeat(carrier, batch, tried, now):
            numbers = [text.number for text in batch] if remaining is None else remaining
            outcomes.update((number, Outcome(number, Verdict.RETRY, reason="not calm")) for number in numbers)
            break
        if lane is Lane.URGENT:
            carrier.paced(lane, len(batch), HELP_WAITS)
        if remaining is None:
            remaining = [text.number for text in hand_over()]
        if not remaining:
            break
        outcomes.update((outcome.number, outcome) for outcome in carrier.carry(batch[0].words, remaining))
        remaining = [number for number, outcome in outcomes.items() if outcome.verdict in DEFINITELY_NOT_SENT]
    return list(outcomes.values())


def _may_repeat(carrier: GatewayChannel, batch: Sequence[Claimed], tried: Collection[str], now: datetime) -> bool:
    if carrier.name not in tried:
        return True
    record = carrier.circuit.seen()
    return record.calm(now) or (batch[0].tries >= PATIENT_TRIES and not record.rests(now))


def _route(
    carriers: Sequence[GatewayChannel], lane: Lane, tried: Collection[str], now: datetime
) -> list[GatewayChannel]:
    """Return the carriers to try: for help texts all, healthy ones first and those that may already have it last."""
    if lane is not Lane.URGENT:
        return list(carriers[:1])
    readiness = {carrier.name: BY_READINESS.index(carrier.circuit.seen().state_at(now)) for carrier in carriers}
    return sorted(carriers, key=lambda carrier: (carrier.name in tried, readiness[carrier.name]))
