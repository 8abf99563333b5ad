"""Refuse at once what others waited for without an answer: otherwise each caller queues behind them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

IN_A_ROW = 3  # waits in vain, none of them answered in between: one row that is locked holds up nobody else
IN_VAIN = 0.5  # seconds from which a failure was a wait
REST = 0.5  # seconds, after which one tries for all


class Away(OperationalError):
    """Refused at once: the database kept others waiting in vain just now."""

    def __init__(self) -> None:
        super().__init__("", None, Exception("others waited in vain just now"))


class Refusal:
    """Whether others wait in vain; never refuses unless told that it `gives_way`."""

    def __init__(self, gives_way: bool) -> None:
        self._gives_way, self._lock = gives_way, threading.Lock()
        self._in_vain, self._tried_at = 0, 0.0
        self._under_way: dict[object, float] = {}  # since when others are at it

    @contextmanager
    def after_waits_in_vain(self) -> Iterator[None]:
        """Raise Away at once while the database keeps everybody waiting; else note how this wait ends."""
        self._refuse()
        began, wait = time.monotonic(), object()
        self._under_way[wait] = began
        try:
            yield
        except (DBAPIError, PoolTimeout):
            if time.monotonic() - began > IN_VAIN:
                self._in_vain, self._tried_at = self._in_vain + 1, time.monotonic()
            raise
        finally:
            del self._under_way[wait]
        self._in_vain = 0

    def _refuse(self) -> None:
        if not (self._gives_way and self._in_vain):
            return
        now = time.monotonic()
        with self._lock:
            # Who came with the first one, and is about to learn the same, counts too.
            stuck = sum(now - began > IN_VAIN for began in list(self._under_way.values()))
            if self._in_vain + stuck < IN_A_ROW:
                return
            if now - self._tried_at < REST:
                raise Away
            self._tried_at = now
