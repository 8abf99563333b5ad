"""Limits how long a request waits for all stores together, however many it asks and however slowly each answers.

Only waits are counted, and only long ones: on a busy machine everything takes longer, and a caller is better served
late than told that the service isn't working.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

SHORT_SECONDS = 0.25  # shorter waits are not counted
LEAST_SECONDS = 0.1  # for each wait, even when nothing is left


@dataclass(slots=True)
class _Patience:
    seconds: float


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit the waits for stores within the block to `seconds` in all; 0 leaves an enclosing limit as it is."""
    before = _patience.set(_Patience(min(left(), seconds)) if seconds else _patience.get())
    try:
        yield
    finally:
        _patience.reset(before)


def left() -> float:
    """Return for how many seconds one may wait for a store; infinity without a deadline."""
    patience = _patience.get()
    return math.inf if patience is None else max(LEAST_SECONDS, patience.seconds)


def waited(seconds: float) -> None:
    """Count a wait for a store, in seconds."""
    patience = _patience.get()
    if patience is not None and seconds > SHORT_SECONDS:
        patience.seconds -= seconds
