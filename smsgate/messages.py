"""The outbox: queue, claim, record. The database is the truth; one row for one (cause, number).

A row goes WAITING → SENDING (claimed, with a lease and an attempt number as the fence) → SENT → DELIVERED or FAILED,
or ends TOO_LATE, WITHDRAWN or UNKNOWN. What a delivery report does stands in `reports.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from smsgate import reports
from smsgate.database import insert_new, wake_after_commit
from smsgate.gateways import Outcome, Verdict
from smsgate.gsm import folded, segments
from smsgate.models import Kind, Lane, Message, Phone, State
from smsgate.wanted import unwanted

LEASE = timedelta(seconds=60)  # longer than any call to a gateway
REPEATED = frozenset({Kind.HELP, Kind.HELP_NEWS})  # sent again after an unknown outcome, once: twice beats never
CHUNK = 1000

# Gaps between tries, in seconds; the last one repeats until the message expires.
GAPS = {Lane.URGENT: (5, 15, 30, 60), Lane.NORMAL: (30, 120, 600, 1800), Lane.BULK: (60, 300, 900, 1800)}
PAUSE = {Lane.URGENT: 30, Lane.NORMAL: 300, Lane.BULK: 600}  # out of credit, or a setting is wrong


@dataclass(frozen=True)
class Draft:
    """A message that should leave; `due_at` None is now."""

    phone_id: int
    words: str
    cause: str
    kind: Kind
    lane: Lane
    expires_at: datetime
    due_at: datetime | None = None
    group_id: int | None = None
    meeting_id: int | None = None
    notice_id: int | None = None


@dataclass(frozen=True)
class Claimed:
    """A message that this worker alone may send, until the lease runs out."""

    id: int
    attempt: int
    phone_id: int
    number: str
    words: str
    kind: Kind


def queue(session: Session, drafts: Iterable[Draft], now: datetime) -> list[int]:
    """Queue what is new; the ids of the rows made. Numbers that said STOP or block us get a confirmation at most."""
    rows = [_row(draft, now) for draft in drafts]
    closed = _closed(session, {row["phone_id"] for row in rows if row["kind"] is not Kind.CONFIRMATION})
    rows = [row for row in rows if row["kind"] is Kind.CONFIRMATION or row["phone_id"] not in closed]
    made: list[int] = []
    for start in range(0, len(rows), CHUNK):
        insert = insert_new(session, Message).returning(Message.id)
        made += session.scalars(insert, rows[start : start + CHUNK]).all()
    for lane in {row["lane"] for row in rows} if made else ():
        wake_after_commit(session, lane.value)
    return made


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    words = folded(draft.words)
    return {
        **draft.__dict__,
        "words": words,
        "segments": segments(words),
        "state": State.WAITING,
        "due_at": draft.due_at or now,
        "created_at": now,
        "attempt": 0,
        "repeats": 0,
    }


def _closed(session: Session, phone_ids: set[int]) -> set[int]:
    closed = select(Phone.id).where(or_(Phone.stopped_at.is_not(None), Phone.blocked_at.is_not(None)))
    if len(phone_ids) > CHUNK:  # more than a statement may name; the closed ones are few
        return set(session.scalars(closed))
    return set(session.scalars(closed.where(Phone.id.in_(phone_ids)))) if phone_ids else set()


def claim(session: Session, lane: Lane, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Claimed]:
    """Take up to `limit` due messages, oldest first, for this worker alone.

    1. What expired is marked TOO_LATE. 2. Due rows are locked and looked at again: consent, pause, meeting.
    3. The wanted ones become SENDING, with a lease and the next attempt number.
    """
    _too_late(session, lane, now)
    due = (
        select(Message, Phone.number)
        .join(Phone, Phone.id == Message.phone_id)
        .where(Message.lane == lane, Message.state == State.WAITING, Message.due_at <= now)
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )
    found = session.execute(due).all()
    refused = unwanted(session, [message for message, _number in found])
    claimed = []
    for message, number in found:
        if message.id in refused or message.words is None:
            _end(message, State.WITHDRAWN, now)
            continue
        message.state, message.leased_until, message.attempt = State.SENDING, now + lease, message.attempt + 1
        claimed.append(Claimed(message.id, message.attempt, message.phone_id, number, message.words, message.kind))
    return claimed


def _too_late(session: Session, lane: Lane, now: datetime) -> None:
    late = (Message.lane == lane, Message.state == State.WAITING, Message.expires_at <= now)
    session.execute(update(Message).where(*late).values(state=State.TOO_LATE, ended_at=now))


def record(session: Session, claimed: Sequence[Claimed], outcomes: Iterable[Outcome], now: datetime) -> list[int]:
    """Write down what the gateway said; the ids that ended without leaving.

    Fenced: a row whose attempt number moved on belongs to another worker by now and is left alone.
    """
    said = {outcome.number: outcome for outcome in outcomes}
    attempts = {one.id: one.attempt for one in claimed}
    numbers = {one.id: one.number for one in claimed}
    rows = select(Message).where(Message.id.in_(attempts)).with_for_update()
    mine = [
        message
        for message in session.scalars(rows)
        if message.state is State.SENDING and message.attempt == attempts[message.id]
    ]
    early = reports.early(session, [outcome.provider_id for outcome in said.values() if outcome.provider_id])
    for message in mine:
        _recorded(session, message, said[numbers[message.id]], now)
        if message.state is State.SENT and message.provider_id in early:
            reports.catch_up(session, message, now)
    return [message.id for message in mine if message.state is State.FAILED]


def _recorded(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    message.leased_until = None
    message.provider_id = outcome.provider_id or message.provider_id
    message.cost, message.reason = outcome.cost, outcome.reason
    match outcome.verdict:
        case Verdict.ACCEPTED:
            message.state, message.sent_at = State.SENT, now
        case Verdict.FAILED:
            _end(message, State.FAILED, now)
        case Verdict.BLOCKED:
            _end(message, State.FAILED, now)
            reports.block(session, message.phone_id, now)
        case Verdict.UNKNOWN:
            _unknown(message, now)
        case Verdict.RETRY | Verdict.PAUSED:
            _later(message, outcome.verdict, now)


def _later(message: Message, verdict: Verdict, now: datetime) -> None:
    gaps = GAPS[message.lane]
    gap = PAUSE[message.lane] if verdict is Verdict.PAUSED else gaps[min(message.attempt, len(gaps)) - 1]
    message.state = State.WAITING
    # Jitter, so that what failed together does not come back together.
    message.due_at = now + timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def _unknown(message: Message, now: datetime) -> None:
    """Perhaps sent: a help text goes once more, anything else is held until a delivery report says."""
    message.leased_until = None
    if message.kind in REPEATED and message.repeats == 0:
        message.state, message.repeats, message.due_at = State.WAITING, 1, now
    else:
        message.state = State.UNKNOWN


def _end(message: Message, state: State, now: datetime) -> None:
    message.state, message.ended_at, message.leased_until = state, now, None


def take_back(session: Session, now: datetime) -> None:
    """Rows whose lease ran out: their worker died, perhaps after the call, so their outcome is unknown."""
    lost = select(Message).where(Message.state == State.SENDING, Message.leased_until <= now)
    for message in session.scalars(lost.with_for_update(skip_locked=True)):
        message.reason = "WorkerLost"
        _unknown(message, now)
        if message.state is State.WAITING:
            wake_after_commit(session, message.lane.value)


def wake_due(session: Session, now: datetime) -> None:
    """Wake the lanes in which something is due."""
    due = select(Message.lane).where(Message.state == State.WAITING, Message.due_at <= now).distinct()
    for lane in session.scalars(due):
        wake_after_commit(session, lane.value)


def waiting(session: Session, now: datetime) -> dict[str, int]:
    """For each lane the age in seconds of the oldest message that is due; 0 where nothing waits."""
    oldest = (
        select(Message.lane, func.min(Message.due_at))
        .where(Message.state == State.WAITING, Message.due_at <= now)
        .group_by(Message.lane)
    )
    ages = {lane.value: 0 for lane in Lane}
    for lane, due_at in session.execute(oldest):
        ages[lane.value] = int((now - due_at).total_seconds())
    return ages
