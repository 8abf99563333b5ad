"""The workers' side of the outbox: claim with a lease, check again, renew the lease, hand back.

A row goes WAITING → SENDING (claimed, with a lease, and an attempt number as the fencing token) → SENT → DELIVERED or
FAILED, or ends as TOO_LATE, WITHDRAWN or UNKNOWN. `handover` notes what is given to a gateway and takes back what dead
workers had claimed, `recording` stores what the gateway said, `delivery_reports` what the network reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Select, Update, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among, server_time
from smsgate.core.encryption import as_sealed, opened
from smsgate.models import Lane, Message, MessageKind, MessageStatus, Phone
from smsgate.models.row_failures import DATABASE_TROUBLE
from smsgate.outbox import kill_switches, quiet_hours, set_aside
from smsgate.outbox.eligibility import ineligible
from smsgate.outbox.messages import is_due

UNFINISHED = (
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.WAITING,
)  # states that an outcome reported by a worker may still change
# By the database's clock, since the clocks of hosts differ. Renewed while the worker lives, so it can be shorter than a
# call to a gateway.
LEASE = timedelta(seconds=10)


@dataclass(frozen=True)
class Claimed:
    """A message that only this worker may send, until its lease expires."""

    id: int
    attempt: int
    phone_id: int
    number: str = field(repr=False)
    words: str = field(repr=False)
    kind: MessageKind
    possibly_sent_by: str | None = None  # the gateway that may already have sent it; "" if its worker died
    tries: int = 0  # failed tries


def claim(
    session: Session, lane: Lane, now: datetime, limit: int, lease: timedelta = LEASE, *, help_texts: bool | None = None
) -> list[Claimed] | None:
    """Claim up to `limit` due messages of a lane, oldest first, for this worker; None when nothing is due.

    `help_texts` limits this to help texts (True) or to all others (False).

    Each is checked again first: an expired one ends as TOO_LATE (or UNKNOWN if it may already have been sent), one that
    is no longer eligible as WITHDRAWN, and one that falls into quiet hours keeps waiting. So fewer may be returned,
    or none. The rest become SENDING, with a lease and the next attempt number.
    """
    try:
        return _claim(session, lane, now, limit, lease, help_texts)
    except DATABASE_TROUBLE:
        raise
    except Exception:
        due = _due_messages(lane, now, limit, help_texts)
        if not set_aside.set_unreadable_aside(session, due, lambda row: _judge(session, row, now), now):
            raise
        return []


def ended_too_late(session: Session) -> set[int]:
    """Return the ids of the texts that the last `claim` in this session ended as TOO_LATE."""
    found: set[int] = session.info.get("too_late", set())
    return found


def _judge(session: Session, row: Any, now: datetime) -> None:  # noqa: ANN401 - a row of `_due_messages`
    """Check one row as `_claim` checks all of them; raises the same errors."""
    ineligible(session, [row], now)
    quiet_hours.hold(session, [row], now)
    opened(session, Message.words, [row.sealed])


def _claim(
    session: Session, lane: Lane, now: datetime, limit: int, lease: timedelta, help_texts: bool | None
) -> list[Claimed] | None:
    due = session.execute(_due_messages(lane, now, limit, help_texts)).all()
    if not due:
        return None
    words = opened(session, Message.words, {row.sealed for row in due})  # before anything is written: it may fail
    late = {row.id for row in due if row.expires_at <= now}
    refused = ineligible(session, [row for row in due if row.id not in late], now)
    held = quiet_hours.hold(session, [row for row in due if row.id not in late | refused], now)
    unsure = {row.id for row in due if row.id in late and row.repeats}
    _set_status(session, unsure, MessageStatus.UNKNOWN)
    too_late = (late - unsure) | held.too_late
    _set_status(session, too_late, MessageStatus.TOO_LATE, now)
    session.info["too_late"] = too_late
    _set_status(session, refused, MessageStatus.WITHDRAWN, now)
    gone = late | refused | held.waiting | held.too_late
    taken = [row for row in due if row.id not in gone]
    until = server_time(session) + lease
    sending = {"state": MessageStatus.SENDING, "leased_until": until, "attempt": Message.attempt + 1}
    session.execute(_update_rows(session, [row.id for row in taken]).values(sending))
    return [
        Claimed(
            row.id,
            row.attempt + 1,
            row.phone_id,
            row.number,
            words[row.sealed],
            row.kind,
            _uncertain_gateway(row),
            row.tries,
        )
        for row in taken
    ]


def _uncertain_gateway(row: Any) -> str | None:  # noqa: ANN401 - a row of `_due_messages`
    return (row.gateway or "") if row.repeats else None


def recheck(session: Session, claimed: Sequence[Claimed], now: datetime) -> list[Claimed]:
    """Check claimed messages again and return those that may still be sent.

    One that is no longer eligible, as after a STOP, ends as WITHDRAWN; one held by a kill switch goes back to waiting.
    """
    refused = ineligible(session, claimed, now)
    held = kill_switches.held_ids(session, [text.id for text in claimed], now) - refused
    release(session, [text for text in claimed if text.id in held])
    for message in still_owned(session, [text for text in claimed if text.id in refused]):
        if message.state is MessageStatus.SENDING:
            finish(message, MessageStatus.WITHDRAWN, now)
    return [text for text in claimed if text.id not in refused | held]


def _due_messages(lane: Lane, now: datetime, limit: int, help_texts: bool | None) -> Select[*tuple[Any, ...]]:
    message = (Message.id, Message.attempt, Message.phone_id, as_sealed(Message.words), Message.kind)
    before = (Message.repeats, Message.gateway, Message.tries)
    kinds = (
        []
        if help_texts is None
        else [Message.kind == MessageKind.HELP if help_texts else Message.kind != MessageKind.HELP]
    )
    return (
        select(*message, *before, Message.group_id, Message.expires_at, Phone.number)
        .join(Phone, Phone.id == Message.phone_id)
        .where(*is_due(lane, now), *kinds, ~kill_switches.is_held(now))
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )


def renew(session: Session, claimed: Sequence[Claimed]) -> None:
    """Extend the leases of a worker that is alive. Rows that it no longer owns are left alone."""
    until = server_time(session) + LEASE
    for attempt, texts in groupby(sorted(claimed, key=lambda text: text.attempt), lambda text: text.attempt):
        owned = Message.state == MessageStatus.SENDING, Message.attempt == attempt
        session.execute(_update_rows(session, [text.id for text in texts]).where(*owned).values(leased_until=until))


def release(session: Session, claimed: Sequence[Claimed]) -> None:
    """Hand back messages that were claimed but not tried: due as before, for any worker."""
    for message in still_owned(session, claimed):
        message.state, message.leased_until = MessageStatus.WAITING, None


def still_owned(session: Session, claimed: Sequence[Claimed]) -> list[Message]:
    """Return the rows that this worker still owns: not claimed again since, and not ended by a delivery report.

    An expired lease does not matter: what a slow worker reports is better than UNKNOWN.
    """
    attempts = {text.id: text.attempt for text in claimed}
    if not attempts:
        return []
    rows = select(Message).where(Message.id.in_(attempts)).order_by(Message.id).with_for_update()
    return [row for row in session.scalars(rows) if row.state in UNFINISHED and row.attempt == attempts[row.id]]


def _update_rows(session: Session, ids: Iterable[int]) -> Update:
    """Return an UPDATE of rows that this transaction has locked, or that nobody else may write."""
    return update(Message).where(among(session, Message.id, ids)).execution_options(synchronize_session=False)


def _set_status(session: Session, ids: Collection[int], state: MessageStatus, ended_at: datetime | None = None) -> None:
    if ids:
        session.execute(_update_rows(session, ids).values(state=state, ended_at=ended_at, leased_until=None))


def finish(message: Message, state: MessageStatus, now: datetime) -> None:
    """End a message that was claimed."""
    message.state, message.ended_at, message.leased_until = state, now, None
