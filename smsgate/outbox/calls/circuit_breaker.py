"""A circuit breaker per gateway, shared by all processes through Redis.

A gateway that fails is left alone, each time for longer, until a call gets through. Its circuit is closed (calls are
made), open (no calls) or half-open: the pause is over and a single call probes the gateway. The circuit never holds
back a help text: those are few, and any one of them may be the one that gets through.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from redis import Redis

from smsgate.core.redis_client import OutageGuard, Script

PAUSE_SECONDS = (
    3,
    30,
    60,
    120,
)  # seconds: a blip costs little, and even a long outage is over two minutes after its end
PROBE_SECONDS = 30  # longer than a call takes; a prober that died blocks the next one no longer than this
CALM_SECONDS = 10  # without trouble, so that the single repeat of a help text is not lost in the same outage
KEPT_SECONDS = 3600
CHANGES = 5  # attempts, when other processes change the record at the same moment

# Compare-and-set. A second execution, after a broken connection, finds the value changed and does nothing.
CHANGE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class CircuitState(StrEnum):
    """The state of a gateway's circuit."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class CircuitRecord:
    """What is known about a gateway: failures in a row, until when it is paused or probed, why. POSIX seconds."""

    failures: int = 0
    open_until: float = 0.0
    probed_until: float = 0.0
    reason: str = ""
    troubled_at: float = 0.0

    def state_at(self, now: datetime) -> CircuitState:
        """Return the state of the circuit at `now`."""
        if not self.failures:
            return CircuitState.CLOSED
        return CircuitState.OPEN if _is_before(now, self.open_until) else CircuitState.HALF_OPEN

    def rests(self, now: datetime) -> bool:
        """True while no call should be tried: the circuit is open, or another process is probing."""
        return bool(self.failures) and (_is_before(now, self.open_until) or _is_before(now, self.probed_until))

    def calm(self, now: datetime) -> bool:
        """True if calls may be made and the gateway has had no trouble for `CALM_SECONDS`."""
        return not self.rests(now) and abs(now.timestamp() - self.troubled_at) >= CALM_SECONDS


def _is_before(now: datetime, until: float) -> bool:
    """True before `until`; but False if it is further off than any pause, because the clock went back meanwhile."""
    return now.timestamp() < until <= now.timestamp() + PAUSE_SECONDS[-1]


def after_admission(record: CircuitRecord, now: datetime) -> CircuitRecord:
    """Return the record after a call was allowed: a probe of a half-open circuit keeps the others out."""
    if record.state_at(now) is CircuitState.HALF_OPEN:
        return replace(record, probed_until=now.timestamp() + PROBE_SECONDS)
    return record


def after_call(record: CircuitRecord, trouble: str | None, now: datetime) -> CircuitRecord:
    """Return the record after a call; `trouble` is why it failed, or None.

    Calls that were in flight when the circuit opened, and help texts, do not lengthen the pause.
    """
    if trouble is None:
        return CircuitRecord(troubled_at=record.troubled_at)
    if record.state_at(now) is CircuitState.OPEN:
        return replace(record, troubled_at=now.timestamp())
    rest = PAUSE_SECONDS[min(record.failures, len(PAUSE_SECONDS) - 1)]
    return CircuitRecord(record.failures + 1, now.timestamp() + rest, 0.0, trouble, now.timestamp())


class Circuit:
    """The circuit of one gateway. While Redis is away, each process keeps its own."""

    def __init__(self, redis: Redis, gateway: str, guard: OutageGuard | None = None) -> None:
        self._redis, self._key = redis, f"circuit:{gateway}"
        self._change = Script(redis, CHANGE)
        self._guard = guard or OutageGuard()
        self._own = CircuitRecord()

    def seen(self) -> CircuitRecord:
        """Return what is known now."""
        return self._current()[1]

    def shared(self) -> CircuitRecord | None:
        """Return what all processes share; None while Redis is away."""
        text = self._guard.attempt(self._read)
        return None if text is None else _parsed(text)

    def may_call(self, now: datetime) -> bool:
        """True if a call may be tried. Of all who ask a half-open circuit, only one may."""
        text, record = self._current()
        if record.state_at(now) is CircuitState.CLOSED:
            return True
        return not record.rests(now) and self._swapped(text, after_admission(record, now))

    def record_result(self, trouble: str | None, now: datetime) -> None:
        """Record a call's result: None, or the reason why the gateway is in trouble."""
        if trouble is None and not self._own.failures:
            return  # nothing changes
        for _try in range(CHANGES):
            text, record = self._current()
            after = after_call(record, trouble, now)
            if after == record or self._swapped(text, after):
                return

    def _current(self) -> tuple[bytes, CircuitRecord]:
        text = self._guard.attempt(self._read)
        if text is not None:
            self._own = _parsed(text)
        return text or b"", self._own

    def _read(self) -> bytes:
        value = self._redis.get(self._key)
        return value if isinstance(value, bytes) else b""

    def _swapped(self, text: bytes, after: CircuitRecord) -> bool:
        """Store the new record; False if another process changed it first."""
        arguments = (text, json.dumps(asdict(after)) if after.troubled_at else "", KEPT_SECONDS)
        if self._guard.attempt(lambda: self._change([self._key], arguments)) == 0:
            return False
        self._own = after
        return True


def _parsed(text: bytes) -> CircuitRecord:
    try:
        return CircuitRecord(**json.loads(text)) if text else CircuitRecord()
    except (ValueError, TypeError):
        return CircuitRecord()  # written by another release
