"""Takes back what dead or stopped workers hold, at intervals of its own, in every worker and scheduler.

The scheduler alone was not enough: its other tasks, a provider slow to return the balance, and its own restart got in
the way, and on a busy machine a claim without a sign of life was left for a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from smsgate.outbox.calls import handover
from smsgate.service import Service

log = structlog.get_logger()

EVERY = 4.0  # seconds


@contextmanager
def taking_back(service: Service) -> Iterator[None]:
    """Take back messages whose lease has expired, every few seconds until the block ends."""
    done = threading.Event()
    thread = threading.Thread(target=_take_back, args=(service, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _take_back(service: Service, done: threading.Event) -> None:
    while not done.wait(EVERY):
        try:
            with service.database.transaction() as session:
                handover.reclaim_expired(session, service.now())
        except Exception as error:  # noqa: BLE001 - the next time is seconds away
            log.warning("not_taken_back", error=type(error).__name__)
