"""Carries forms to the hooks, now or later, and writes down what came of it."""

from __future__ import annotations

import logging
import sched
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import urllib3
from urllib3.exceptions import HTTPError

from smsgate.gateways.handset import Handset
from smsgate.gateways.rehearsal.fates import Said
from smsgate.gateways.rehearsal.ledger import Ledger

AT_ONCE = 8  # posts side by side
ANSWER_SECONDS = 10.0  # the provider's own patience
TRIES, AGAIN = 60, 1.0  # the provider repeats every minute for 12 hours; a rehearsal is shorter
ROUND = 0.02  # seconds between two looks at what is due


class Postman:
    """Posts to the hooks below `hooks`; to nobody where that is empty."""

    def __init__(self, hooks: str, ledger: Ledger) -> None:
        self._hooks, self._ledger = hooks.rstrip("/"), ledger
        self._pool = urllib3.PoolManager(maxsize=AT_ONCE + 64, retries=False, timeout=ANSWER_SECONDS)
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._due = sched.scheduler()
        self._hands = ThreadPoolExecutor(AT_ONCE)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def listens(self) -> bool:
        """True where there is somebody to post to."""
        return bool(self._hooks)

    def posts(self, hook: str, form: dict[str, str]) -> tuple[int, str]:
        """Post now; the status (0 for no answer) and the body."""
        try:
            answer = self._pool.request_encode_body("POST", f"{self._hooks}/{hook}", form, encode_multipart=False)
            status, body = answer.status, answer.data.decode(errors="replace")
        except HTTPError:
            status, body = 0, ""
        self._ledger.adds("posted", hook=hook, status=status, id=form.get("id", ""))
        return status, body

    def until_answered(self, hook: str, form: dict[str, str], tries: int = TRIES) -> tuple[int, str]:
        """Post, and repeat until it is answered 200, as the provider does with a text; what the first try said."""
        status, body = self.posts(hook, form)
        if status != 200 and tries > 1:
            self.later(AGAIN, lambda: self.until_answered(hook, form, tries - 1))
        return status, body

    def reports(self, number: str, text_id: str, said: Said) -> None:
        """Report on a text when it is time, once: nobody says that the provider repeats reports."""
        about = f"ATXid_nobody_{uuid4().hex}" if said.stranger else text_id

        def report() -> None:
            Handset(self.posts, number).reports(about, said.status, said.reason)

        if said.after < 0:
            report()
        else:
            self.later(said.after, report)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do it then, side by side with others."""
        self._due.enter(seconds, 0, self._hands.submit, (action,))

    def _work(self) -> None:
        while not self._stopped.wait(ROUND):
            self._due.run(blocking=False)

    def waiting(self) -> int:
        """How much is still to be posted at its time."""
        return len(self._due.queue)

    def settles(self, seconds: float) -> None:
        """Wait until nothing is left to post, at most so long."""
        until = time.monotonic() + seconds
        while self.waiting() and time.monotonic() < until:
            time.sleep(ROUND)

    def closes(self) -> None:
        """Post no more."""
        self._stopped.set()
        self._thread.join()
        self._hands.shutdown(cancel_futures=True)
        self._pool.clear()
