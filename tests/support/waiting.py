"""Waiting for what has to come true, and timing what must not take long, on a machine that may be busy with others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from smsgate.core.waits.limits import Limits

PATIENCE = 90.0  # seconds; an end to a wait, and no promise of the service
PATIENT = Limits(statement=PATIENCE, lock=PATIENCE, idle=PATIENCE, answer=PATIENCE)  # of a service in a test
TURNS = Path("/proc/thread-self/schedstat")  # nanoseconds on a processor, in line for one, and how often


def eventually(
    true: Callable[[], object], seconds: float = PATIENCE, every: float = 0.02, found: Callable[[], object] = str
) -> None:
    """Wait until it is true; who waits in vain reads what was `found` instead."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {found()}"
        time.sleep(every)


class Stopwatch:
    """Seconds since it was made, less those in which this thread only stood in line for a processor."""

    def __init__(self) -> None:
        self._began = self._now()

    def seconds(self) -> float:
        """So far."""
        return self._now() - self._began

    def _now(self) -> float:
        in_line = int(TURNS.read_text().split()[1]) if TURNS.exists() else 0
        return time.monotonic() - in_line / 1e9
