"""A gateway in trouble is left alone, for longer each time, until a call gets through. All processes know of it.

The circuit of a gateway is closed (calls go), open (none should), or half-open: its rest is over, and one call probes.
It never holds a help text: those are few, and each may be the one that passes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from redis import Redis

from smsgate.core.redis_client import OutageGuard, Script

RESTS = (3, 30, 60, 120)  # seconds: a blip costs little, and an outage of hours is over two minutes after its end
PROBE_SECONDS = 30  # longer than a call: a prober that died holds up the next one no longer
CALM_SECONDS = 10  # without trouble: then the one repeat of a help text is not lost in the same outage
KEPT_SECONDS = 3600
CHANGES = 5  # tries, where other processes change it at the same moment

# Change what is as it was read. A second run, after a connection broke, finds it changed and does nothing.
CHANGE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class CircuitState(StrEnum):
    """How a circuit stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class CircuitRecord:
    """What is known of a gateway: failures in a row, until when it rests or is probed, why."""

    failures: int = 0
    open_until: float = 0.0
    probed_until: float = 0.0
    reason: str = ""
    troubled_at: float = 0.0

    def stand(self, now: datetime) -> CircuitState:
        """How the circuit stands at this moment."""
        if not self.failures:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now.timestamp() < self.open_until else CircuitState.HALF_OPEN

    def rests(self, now: datetime) -> bool:
        """True while no call should be tried: it is open, or somebody else probes."""
        return bool(self.failures) and now.timestamp() < max(self.open_until, self.probed_until)

    def calm(self, now: datetime) -> bool:
        """True where nobody rests from it, and it was in no trouble lately."""
        return not self.rests(now) and now.timestamp() - self.troubled_at >= CALM_SECONDS


def probed(known: CircuitRecord, now: datetime) -> CircuitRecord:
    """After a call was allowed: the one that probes keeps the others back."""
    if known.stand(now) is CircuitState.HALF_OPEN:
        return replace(known, probed_until=now.timestamp() + PROBE_SECONDS)
    return known


def learned(known: CircuitRecord, trouble: str | None, now: datetime) -> CircuitRecord:
    """After a call. Calls that were on their way when it opened, and help texts, do not make the rest longer."""
    if trouble is None:
        return CircuitRecord(troubled_at=known.troubled_at)
    if known.stand(now) is CircuitState.OPEN:
        return replace(known, troubled_at=now.timestamp())
    rest = RESTS[min(known.failures, len(RESTS) - 1)]
    return CircuitRecord(known.failures + 1, now.timestamp() + rest, 0.0, trouble, now.timestamp())


class Circuit:
    """The circuit of one gateway; while Redis is away, this process's own."""

    def __init__(self, redis: Redis, gateway: str, guard: OutageGuard | None = None) -> None:
        self._redis, self._key = redis, f"circuit:{gateway}"
        self._change = Script(redis, CHANGE)
        self._guard = guard or OutageGuard()
        self._own = CircuitRecord()

    def seen(self) -> CircuitRecord:
        """What is known now."""
        return self._look()[1]

    def shared(self) -> CircuitRecord | None:
        """What all processes know; None while Redis is away."""
        text = self._guard.attempt(self._read)
        return None if text is None else _loaded(text)

    def admits(self, now: datetime) -> bool:
        """Whether a call may be tried; of all who ask a half-open circuit, one."""
        text, known = self._look()
        if known.stand(now) is CircuitState.CLOSED:
            return True
        return not known.rests(now) and self._changed(text, probed(known, now))

    def record_result(self, trouble: str | None, now: datetime) -> None:
        """What a call said about the gateway: None, or the reason why it is in trouble."""
        if trouble is None and not self._own.failures:
            return  # as it was a moment ago
        for _try in range(CHANGES):
            text, known = self._look()
            after = learned(known, trouble, now)
            if after == known or self._changed(text, after):
                return

    def _look(self) -> tuple[bytes, CircuitRecord]:
        text = self._guard.attempt(self._read)
        if text is not None:
            self._own = _loaded(text)
        return text or b"", self._own

    def _read(self) -> bytes:
        found = self._redis.get(self._key)
        return found if isinstance(found, bytes) else b""

    def _changed(self, text: bytes, after: CircuitRecord) -> bool:
        """False where another process was quicker."""
        arguments = (text, json.dumps(asdict(after)) if after.troubled_at else "", KEPT_SECONDS)
        if self._guard.attempt(lambda: self._change([self._key], arguments)) == 0:
            return False
        self._own = after
        return True


def _loaded(text: bytes) -> CircuitRecord:
    try:
        return CircuitRecord(**json.loads(text)) if text else CircuitRecord()
    except (ValueError, TypeError):
        return CircuitRecord()  # another release's
