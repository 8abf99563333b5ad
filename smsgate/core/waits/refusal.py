"""Refuses at once what others just waited for in vain: otherwise every caller would queue behind them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

IN_A_ROW = 3  # waits in vain with no success in between, so that one locked row does not get everybody refused
IN_VAIN = 0.5  # seconds after which a failure counts as a wait in vain
REST = 0.5  # seconds of refusal, after which one caller tries on behalf of all


class Away(OperationalError):
    """Refused at once: the database kept others waiting in vain just now."""

    def __init__(self) -> None:
        super().__init__("", None, Exception("others waited in vain just now"))


class Refusal:
    """Keeps track of waits in vain, and after some refuses others; only if it `gives_way`."""

    def __init__(self, gives_way: bool) -> None:
        self._gives_way, self._lock = gives_way, threading.Lock()
        self._in_vain, self._tried_at = 0, 0.0
        self._under_way: dict[object, float] = {}  # when each wait in progress began

    @contextmanager
    def after_waits_in_vain(self) -> Iterator[None]:
        """Raise Away at once while the database keeps everybody waiting; otherwise note how this wait ends."""
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
            # Waits that began with the first one and are about to fail like it count too.
            stuck = sum(now - began > IN_VAIN for began in list(self._under_way.values()))
            if self._in_vain + stuck < IN_A_ROW:
                return
            if now - self._tried_at < REST:
                raise Away
            self._tried_at = now
