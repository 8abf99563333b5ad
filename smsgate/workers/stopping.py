"""Whether this process was told to stop."""

from __future__ import annotations

import signal
import time


class Stop:
    """Whether this process was told to stop: the call in hand ends, no other begins.

    Set by signal handlers, so without a lock: `threading.Event` can wait there for the very code it interrupted.
    """

    def __init__(self) -> None:
        self._told = False

    def set(self, *_: object) -> None:
        """Told; takes what a signal handler is given."""
        self._told = True

    def clear(self) -> None:
        """As at the start."""
        self._told = False

    def is_set(self) -> bool:
        """True once told."""
        return self._told

    def wait(self, seconds: float) -> bool:
        """Sleep, but not on after being told."""
        until = time.monotonic() + seconds
        while not self._told and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        return self._told

    def on_signals(self) -> None:
        """Be told by SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.set)


stopping = Stop()
