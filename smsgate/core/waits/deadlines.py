"""How long a request waits for all stores together: however many it asks, and however slowly each answers.

Only waits are counted, and only long ones: on a machine that is busy with others everything takes longer, and a caller
is better served late than told that it does not work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

SHORT_SECONDS = 0.25  # a wait that is not counted
LEAST_SECONDS = 0.1  # of each wait, also when nothing is left


@dataclass(slots=True)
class _Patience:
    seconds: float


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within the block, stores are waited for `seconds` in all. 0 is no end, but for one around it."""
    before = _patience.set(_Patience(min(left(), seconds)) if seconds else _patience.get())
    try:
        yield
    finally:
        _patience.reset(before)


def left() -> float:
    """Returns for how many seconds a store may be waited for; infinity if nothing says."""
    patience = _patience.get()
    return math.inf if patience is None else max(LEAST_SECONDS, patience.seconds)


def waited(seconds: float) -> None:
    """Note for how long a store was waited for."""
    patience = _patience.get()
    if patience is not None and seconds > SHORT_SECONDS:
        patience.seconds -= seconds
