"""Leases on the messages in hand: renewed while the process works, so they can be short and a death is soon noticed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from smsgate.outbox import claims
from smsgate.outbox.claims import Claimed
from smsgate.service import Service

log = structlog.get_logger()

EVERY = 3.0  # seconds; two renewals may fail before the lease of claims.LEASE expires


@contextmanager
def held(service: Service, claimed: Sequence[Claimed], longest: float = math.inf) -> Iterator[None]:
    """Renew the leases of `claimed` until the block ends or the process does, for `longest` seconds at most.

    No call is expected to take longer. If one does, whatever it waits for, others take over what it holds.
    """
    done = threading.Event()
    until = time.monotonic() + longest
    thread = threading.Thread(target=_renew, args=(service, claimed, done, until), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(service: Service, claimed: Sequence[Claimed], done: threading.Event, until: float) -> None:
    while not done.wait(EVERY) and time.monotonic() < until:
        try:
            with service.database.transaction() as session:
                claims.renew(session, claimed)
        except Exception as error:  # noqa: BLE001 - the next try may succeed; an expired lease loses nothing
            log.warning("lease_not_renewed", error=type(error).__name__)
