"""Members who send a help text in the middle of a run: they dial until the screen says that it is being sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from smsgate.gateways.handset import Handset, Post, SessionFailed

PATIENCE = 90  # dials before giving up
AGAIN = 1.0  # seconds between two dials


@dataclass
class Callers:
    """One thread per member. `told` has the time of the confirming screen, by number; `gave_up` those who saw none."""

    post: Post
    told: dict[str, float] = field(default_factory=dict)
    gave_up: set[str] = field(default_factory=set)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, numbers: Sequence[str], times: Sequence[float], began: float) -> None:
        """Start a thread for each number, which dials at its own of `times`, in seconds after `began` (monotonic)."""
        for number, at in zip(numbers, times, strict=True):
            thread = threading.Thread(target=self._needs_help, args=(number, began + at), daemon=True)
            thread.start()
            self.threads.append(thread)

    def end(self, seconds: float) -> None:
        """Wait until everybody was told or gave up, for at most `seconds`."""
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _needs_help(self, number: str, at: float) -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        for _dial in range(PATIENCE):
            if self._dials(Handset(self.post, number)):
                self.told[number] = time.time()
                return
            time.sleep(AGAIN)
        self.gave_up.add(number)

    def _dials(self, phone: Handset) -> bool:
        """Return whether the screen says that the help text is being sent, or already offers its status."""
        try:
            screen = phone.dials()
            if "1 See who answered" in screen:
                phone.drops()
                return True
            if "1 Send my help text" in screen and "Send your help text" in phone.types("1"):
                return "on its way" in phone.types("2")
            phone.drops()
        except SessionFailed:
            pass
        return False
