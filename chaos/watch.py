"""Watches the outbox during a run: how long a claim stays without a renewed lease before it is reclaimed.

Time in which the database accepts no writes does not count, since nobody can renew or reclaim anything then.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from smsgate.models import KeyCheck, Message, MessageKind, MessageStatus, Phone
from smsgate.outbox.claims import LEASE
from smsgate.outbox.recording import NETWORK_QUIET_HOURS
from smsgate.service import Service

LOOK = 0.5  # seconds between two reads
SLOW = timedelta(seconds=2.5)  # between two successful reads: above this, the database counts as down
LOOKED_AT_AGAIN, DOUBT = timedelta(seconds=15), timedelta(minutes=10)  # after it is due; the longest that doubts last
OPEN = (MessageStatus.WAITING, MessageStatus.SENDING)


class Row(NamedTuple):
    """What the verdict needs to know of a message."""

    id: int
    kind: MessageKind
    state: MessageStatus
    number: str
    words: str
    reason: str | None
    attempt: int

    @property
    def is_put_off(self) -> bool:
        """Whether its network put it off to the hours in which it delivers."""
        return self.state is MessageStatus.WAITING and self.reason in NETWORK_QUIET_HOURS

    @property
    def is_open(self) -> bool:
        """Whether it is neither finished nor put off."""
        return self.state in OPEN and not self.is_put_off


class Watch(threading.Thread):
    """Reads the leases in a thread; `stuck` is the longest time, in seconds, that a claim went without renewal."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self.stuck = 0.0
        self._service = service
        self._away: list[tuple[datetime, datetime]] = []  # the periods in which the database accepted no writes
        self._ended = threading.Event()

    def run(self) -> None:
        """Read the leases until `end` is called."""
        taken_at = self._service.now()
        while not self._ended.wait(LOOK):
            leases, now = self._leases(), self._service.now()
            if leases is None:
                continue
            if now - taken_at > SLOW:
                self._away.append((taken_at, now))
            taken_at = now
            for leased in leases:
                self.stuck = max(self.stuck, self._silent(leased - LEASE, now).total_seconds())

    def _silent(self, renewed: datetime, now: datetime) -> timedelta:
        away = (max(timedelta(), min(end, now) - max(begin, renewed)) for begin, end in self._away)
        return now - renewed - sum(away, timedelta())

    def _leases(self) -> list[datetime] | None:
        """Return the leases of all claims; None while the database is down or blocked by a suspended writer."""
        claimed = select(Message.leased_until).where(Message.state == MessageStatus.SENDING)
        try:
            with self._service.database.transaction() as session:
                session.execute(update(KeyCheck).values(proof=KeyCheck.proof))
                return [leased_until for leased_until in session.scalars(claimed) if leased_until]
        except SQLAlchemyError:
            return None

    def end(self) -> None:
        """Stop watching and wait for the thread."""
        self._ended.set()
        self.join()


def rows(service: Service) -> list[Row]:
    """Return every message in its current state."""
    messages = select(Message, Phone.number).join(Phone, Phone.id == Message.phone_id)
    with service.database.reading() as session:
        return [
            Row(message.id, message.kind, message.state, number, message.words or "", message.reason, message.attempt)
            for message, number in session.execute(messages)
        ]


def in_doubt(service: Service) -> int | None:
    """Return how many help texts with two calls in doubt are still to be checked; None while the database is down."""
    since = service.now() - LOOKED_AT_AGAIN
    doubtful = Message.stands(MessageStatus.UNKNOWN), Message.repeats == 1, Message.kind == MessageKind.HELP
    try:
        with service.database.reading() as session:
            return session.scalar(select(func.count()).where(*doubtful, Message.due_at.between(since, since + DOUBT)))
    except SQLAlchemyError:
        return None


def still_open(service: Service) -> int | None:
    """Return how many messages are neither finished nor put off; None while the database is down."""
    unfinished = select(func.count()).where(Message.state.in_(OPEN))
    deferred = select(func.count()).where(
        Message.state == MessageStatus.WAITING, Message.reason.in_(NETWORK_QUIET_HOURS)
    )
    try:
        with service.database.reading() as session:
            return (session.scalar(unfinished) or 0) - (session.scalar(deferred) or 0)
    except SQLAlchemyError:
        return None
