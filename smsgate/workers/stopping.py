"""The flag that tells this process to stop, set by signals."""

from __future__ import annotations

import signal
import time


class Stop:
    """Set once this process is told to stop: the call in hand is finished, and no other begins.

    Signal handlers set it, so it takes no lock: `threading.Event` could wait there for the very code it interrupted.
    """

    def __init__(self) -> None:
        self._told = False

    def set(self, *_: object) -> None:
        """Tell the process to stop; accepts the arguments of a signal handler."""
        self._told = True

    def clear(self) -> None:
        """Return to the initial state."""
        self._told = False

    def is_set(self) -> bool:
        """True once told to stop."""
        return self._told

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds`, or until told to stop; True if told."""
        until = time.monotonic() + seconds
        while not self._told and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        return self._told

    def on_signals(self) -> None:
        """Install handlers for SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.set)


stopping = Stop()
