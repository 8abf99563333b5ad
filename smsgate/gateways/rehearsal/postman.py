"""Posts callbacks to the hooks, now or later, and records the results."""

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

AT_ONCE = 8  # concurrent posts
ANSWER_SECONDS = 10.0  # as long as the provider waits
TRIES, AGAIN = 60, 1.0  # the provider repeats every minute for 12 hours; a rehearsal is shorter
ROUND = 0.02  # seconds between checks of what is due


class Postman:
    """Posts to the hooks below the URL `hooks`; to nobody if that is empty."""

    def __init__(self, hooks: str, ledger: Ledger) -> None:
        self._hooks, self._ledger = hooks.rstrip("/"), ledger
        self._pool = urllib3.PoolManager(maxsize=AT_ONCE + 64, retries=False, timeout=ANSWER_SECONDS)
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._due = sched.scheduler()
        self._executor = ThreadPoolExecutor(AT_ONCE)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def listens(self) -> bool:
        """True if there is an address to post to."""
        return bool(self._hooks)

    def posts(self, hook: str, form: dict[str, str]) -> tuple[int, str]:
        """Post now; return the status (0: no answer) and the body."""
        try:
            answer = self._pool.request_encode_body("POST", f"{self._hooks}/{hook}", form, encode_multipart=False)
            status, body = answer.status, answer.data.decode(errors="replace")
        except HTTPError:
            status, body = 0, ""
        self._ledger.adds("posted", hook=hook, status=status, id=form.get("id", ""))
        return status, body

    def until_answered(self, hook: str, form: dict[str, str], tries: int = TRIES) -> tuple[int, str]:
        """Post until answered with 200, as the provider does with texts; return what the first try got."""
        status, body = self.posts(hook, form)
        if status != 200 and tries > 1:
            self.later(AGAIN, lambda: self.until_answered(hook, form, tries - 1))
        return status, body

    def reports(self, number: str, text_id: str, said: Said) -> None:
        """Report on a text when it is time, once: nothing says that the provider repeats reports."""
        about = f"ATXid_nobody_{uuid4().hex}" if said.stranger else text_id

        def report() -> None:
            Handset(self.posts, number).reports(about, said.status, said.reason)

        if said.after < 0:
            report()
        else:
            self.later(said.after, report)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Run `action` after `seconds`, in parallel with others."""
        self._due.enter(seconds, 0, self._executor.submit, (action,))

    def _work(self) -> None:
        while not self._stopped.wait(ROUND):
            self._due.run(blocking=False)

    def waiting(self) -> int:
        """Return how many posts are still to come."""
        return len(self._due.queue)

    def settles(self, seconds: float) -> None:
        """Wait until nothing is left to post, for `seconds` at most."""
        until = time.monotonic() + seconds
        while self.waiting() and time.monotonic() < until:
            time.sleep(ROUND)

    def closes(self) -> None:
        """Stop posting."""
        self._stopped.set()
        self._thread.join()
        self._executor.shutdown(cancel_futures=True)
        self._pool.clear()
