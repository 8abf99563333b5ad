"""Leases on the messages in hand: renewed while the process lives, so they can be short and a death is soon noticed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from smsgate.outbox import claims
from smsgate.outbox.claims import Claimed
from smsgate.service import Service

log = structlog.get_logger()

EVERY = 3.0  # seconds; two renewals may fail before the lease of claims.LEASE expires


@contextmanager
def held(service: Service, claimed: Sequence[Claimed]) -> Iterator[None]:
    """Renew the leases of `claimed` until the block ends, or the process does."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(service, claimed, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(service: Service, claimed: Sequence[Claimed], done: threading.Event) -> None:
    while not done.wait(EVERY):
        try:
            with service.database.transaction() as session:
                claims.renew(session, claimed)
        except Exception as error:  # noqa: BLE001 - the next try may succeed; an expired lease loses nothing
            log.warning("lease_not_renewed", error=type(error).__name__)
