"""One deadline for all that a request waits for: however many stores it asks, and however slowly each answers."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LEAST_SECONDS = 0.1  # of each wait: who is late because the machine is busy still takes what is there already

_until: ContextVar[float] = ContextVar("until", default=math.inf)  # monotonic


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Whatever is waited for within the block ends within `seconds` in all, or by an earlier deadline around it.

    0 is no deadline.
    """
    before = _until.set(min(_until.get(), time.monotonic() + seconds if seconds else math.inf))
    try:
        yield
    finally:
        _until.reset(before)


def left() -> float:
    """Returns how many seconds are left until the deadline; infinity if there is none."""
    until = _until.get()
    return until if until == math.inf else max(LEAST_SECONDS, until - time.monotonic())


def postpone(seconds: float) -> None:
    """Move the deadline: what was waited for so far was no store but another turn of the same person."""
    _until.set(_until.get() + seconds)
