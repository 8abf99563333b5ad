"""Waiting for what has to come true, and timing what must not take long, on a machine that may be busy with others."""

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

PATIENCE = 90.0  # seconds; an end to a wait, and no promise of the service
PATIENT = Limits(statement=PATIENCE, lock=PATIENCE, idle=PATIENCE, answer=PATIENCE)  # of a service in a test
TURNS = Path("/proc/thread-self/schedstat")  # nanoseconds on a processor, in line for one, and how often


def wire_patiently(settings: Settings, now: Callable[[], datetime] = utc_now) -> Service:
    """The service, which waits for its stores as long as a busy machine needs: tests of an outage wire their own."""
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr("smsgate.core.redis_client.TIMEOUT_SECONDS", PATIENCE)
        return wire(settings, now, PATIENT)


def eventually(
    true: Callable[[], object], seconds: float = PATIENCE, every: float = 0.02, found: Callable[[], object] = str
) -> None:
    """Wait until it is true; who waits in vain reads what was `found` instead."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {found()}"
        time.sleep(every)


class Stopwatch:
    """Seconds since it was made, less those in which this thread or the whole process only stood in line."""

    def __init__(self) -> None:
        self._began, self._in_line, self._late = time.monotonic(), _in_line(), METRONOME.late()

    def seconds(self) -> float:
        """So far."""
        stood = max(_in_line() - self._in_line, METRONOME.late() - self._late)
        return time.monotonic() - self._began - stood


def _in_line() -> float:
    """Seconds that this thread has stood in line for a processor."""
    return int(TURNS.read_text().split()[1]) / 1e9 if TURNS.exists() else 0.0


class Metronome:
    """How late a thread wakes that has nothing to do: by the machine's other work, and by the process's other threads.

    A thread that waits for the interpreter's lock stands in no line that the system knows of.
    """

    BEAT = 0.02  # seconds

    def __init__(self) -> None:
        self._late, self._started = 0.0, threading.Event()

    def late(self) -> float:
        """Seconds in all, counted from the first call on."""
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
