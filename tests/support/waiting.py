"""Waiting until something is true, and timing what must be fast, on a machine that may be busy with other work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from smsgate.core.config import Settings
from smsgate.core.waits.limits import Limits
from smsgate.service import Service, utc_now, wire

PATIENCE = 90.0  # seconds; only ends a wait, and says nothing about the service
PATIENT = Limits(statement=PATIENCE, lock=PATIENCE, idle=PATIENCE, answer=PATIENCE)  # for the service in tests
TURNS = Path("/proc/thread-self/schedstat")  # nanoseconds on a processor and waiting for one, and the number of turns


def wire_patiently(settings: Settings, now: Callable[[], datetime] = utc_now) -> Service:
    """Wire a service that waits for its stores as long as a busy machine needs; tests of outages wire their own."""
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr("smsgate.core.redis_client.TIMEOUT_SECONDS", PATIENCE)
        return wire(settings, now, PATIENT)


def eventually(
    true: Callable[[], object], seconds: float = PATIENCE, every: float = 0.02, found: Callable[[], object] = str
) -> None:
    """Wait until it is true; if that takes too long, fail with what `found` returns."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {found()}"
        time.sleep(every)


class Stopwatch:
    """Measures time since its creation, minus the time that this thread or process spent waiting for a processor."""

    def __init__(self) -> None:
        self._began, self._in_line, self._late = time.monotonic(), _in_line(), METRONOME.late()

    def seconds(self) -> float:
        """Return the seconds so far."""
        stood = max(_in_line() - self._in_line, METRONOME.late() - self._late)
        return time.monotonic() - self._began - stood


def _in_line() -> float:
    """Return the seconds that this thread has waited for a processor."""
    return int(TURNS.read_text().split()[1]) / 1e9 if TURNS.exists() else 0.0


class Metronome:
    """Measures how late an idle thread wakes up because of the machine's other work or the process's other threads.

    The system's own figures do not include the time that a thread waits for the interpreter's lock.
    """

    BEAT = 0.02  # seconds

    def __init__(self) -> None:
        self._late, self._started = 0.0, threading.Event()

    def late(self) -> float:
        """Return the total delay in seconds since the first call."""
        if not self._started.is_set():
            self._started.set()
            threading.Thread(target=self._beat, daemon=True, name="metronome").start()
        return self._late

    def _beat(self) -> None:
        never = threading.Event()
        while True:
            began = time.monotonic()
            never.wait(self.BEAT)  # tests replace `time.sleep`
            self._late += time.monotonic() - began - self.BEAT


METRONOME = Metronome()
