"""The workers' side of the outbox: claim with a lease, check again, record the outcome, reclaim lost messages.

A row goes WAITING → SENDING (claimed, with a lease, and an attempt number as the fencing token) → SENT → DELIVERED or
FAILED, or ends as TOO_LATE, WITHDRAWN or UNKNOWN. `delivery_reports` applies delivery reports.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among, match_rows, wake_after_commit
from smsgate.core.encryption import as_sealed, opened
from smsgate.gateways import Outcome, Verdict
from smsgate.models import Lane, Message, MessageKind, MessageStatus, Phone
from smsgate.outbox import delivery_reports, kill_switches, quiet_hours
from smsgate.outbox.eligibility import ineligible
from smsgate.outbox.messages import is_due

LEASE = timedelta(seconds=10)  # renewed while the worker lives, so it can be shorter than a call to a gateway
REPEATED_KINDS = frozenset(
    {MessageKind.HELP, MessageKind.HELP_NEWS}
)  # repeated once after an unknown outcome: sent twice is better than never
UNFINISHED = (
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.WAITING,
)  # states that an outcome reported by a worker may still change
# Gaps between tries, in seconds; the last one repeats until the message expires. None is longer than three minutes, so
# that the backlog clears within five minutes of the gateway's recovery; sparing the gateway is the circuit's job.
RETRY_DELAYS = {Lane.URGENT: (5, 15, 30, 60), Lane.NORMAL: (30, 60, 120, 180), Lane.BULK: (30, 60, 120, 180)}
PAUSE_SECONDS = {Lane.URGENT: 30, Lane.NORMAL: 60, Lane.BULK: 60}  # when out of credit, or when a setting is wrong
NETWORK_QUIET_HOURS = frozenset({"DoNotDisturbRejection"})  # a network's quiet hours: early retries are refused too
NETWORK_QUIET_DELAY = 1800


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


def claim(session: Session, lane: Lane, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Claimed] | None:
    """Claim up to `limit` due messages of a lane, oldest first, for this worker; None when nothing is due.

    Each is checked again first: an expired one ends as TOO_LATE (or UNKNOWN if it may already have been sent), one that
    is no longer eligible as WITHDRAWN, and one that falls into quiet hours goes on waiting. So fewer may be returned,
    or none. The rest become SENDING, with a lease and the next attempt number.
    """
    due = session.execute(_due_messages(lane, now, limit)).all()
    if not due:
        return None
    late = {row.id for row in due if row.expires_at <= now}
    refused = ineligible(session, [row for row in due if row.id not in late], now)
    held = quiet_hours.hold(session, [row for row in due if row.id not in late | refused], now)
    unsure = {row.id for row in due if row.id in late and row.repeats}
    _set_status(session, unsure, MessageStatus.UNKNOWN)
    _set_status(session, (late - unsure) | held.too_late, MessageStatus.TOO_LATE, now)
    _set_status(session, refused, MessageStatus.WITHDRAWN, now)
    gone = late | refused | held.waiting | held.too_late
    taken = [row for row in due if row.id not in gone]
    sending = {"state": MessageStatus.SENDING, "leased_until": now + lease, "attempt": Message.attempt + 1}
    session.execute(_update_rows(session, [row.id for row in taken]).values(sending))
    words = opened(session, Message.words, {row.sealed for row in taken})
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

    After a STOP since the claim a message ends as WITHDRAWN; after a kill switch was turned on it goes back to waiting.
    """
    refused = ineligible(session, claimed, now)
    held = kill_switches.held_ids(session, [text.id for text in claimed], now) - refused
    release(session, [text for text in claimed if text.id in held])
    for message in _still_owned(session, [text for text in claimed if text.id in refused]):
        if message.state is MessageStatus.SENDING:
            _finish(message, MessageStatus.WITHDRAWN, now)
    return [text for text in claimed if text.id not in refused | held]


def _due_messages(lane: Lane, now: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    message = (Message.id, Message.attempt, Message.phone_id, as_sealed(Message.words), Message.kind)
    before = (Message.repeats, Message.gateway, Message.tries)
    return (
        select(*message, *before, Message.group_id, Message.expires_at, Phone.number)
        .join(Phone, Phone.id == Message.phone_id)
        .where(*is_due(lane, now), ~kill_switches.is_held(now))
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )


def renew(session: Session, claimed: Sequence[Claimed], now: datetime) -> None:
    """Extend the leases of a worker that is alive. Rows that it no longer owns are left alone."""
    for attempt, texts in groupby(sorted(claimed, key=lambda text: text.attempt), lambda text: text.attempt):
        owned = Message.state == MessageStatus.SENDING, Message.attempt == attempt
        session.execute(
            _update_rows(session, [text.id for text in texts]).where(*owned).values(leased_until=now + LEASE)
        )


def release(session: Session, claimed: Sequence[Claimed]) -> None:
    """Hand back messages that were claimed but not tried: due as before, for any worker."""
    for message in _still_owned(session, claimed):
        message.state, message.leased_until = MessageStatus.WAITING, None


def record(session: Session, claimed: Sequence[Claimed], outcomes: Iterable[Outcome], now: datetime) -> list[int]:
    """Record the gateway's outcomes; returns the ids of the messages that failed for good.

    Fenced: a row whose attempt number has moved on belongs to another worker by now and is left alone.
    """
    by_number = {outcome.number: outcome for outcome in outcomes}
    judged = [
        (text, by_number.get(text.number) or Outcome(text.number, Verdict.UNKNOWN, reason="NotSaid"))
        for text in claimed
    ]
    accepted = [pair for pair in judged if pair[1].verdict is Verdict.ACCEPTED]
    _record_accepted(session, accepted, now)
    others = {text.id: outcome for text, outcome in judged if outcome.verdict is not Verdict.ACCEPTED}
    owned = _still_owned(session, [text for text in claimed if text.id in others])
    for message in owned:
        _apply_outcome(session, message, others[message.id], now)
    delivery_reports.apply_early_reports(
        session, [outcome.provider_id for _text, outcome in judged if outcome.provider_id], now
    )
    return [message.id for message in owned if message.state is MessageStatus.FAILED]


def _record_accepted(session: Session, accepted: Sequence[tuple[Claimed, Outcome]], now: datetime) -> None:
    """Mark accepted messages as sent in one statement, without loading each row: they are most of a broadcast."""
    if not accepted:
        return
    # Rows are locked in id order, as everywhere, to avoid deadlocks.
    rows = sorted(
        (text.id, text.attempt, outcome.provider_id, outcome.cost, outcome.gateway) for text, outcome in accepted
    )
    new, its_row = match_rows(session, Message.id, rows)
    session.execute(
        update(Message)
        .where(its_row, Message.attempt == new[1].as_integer(), Message.state.in_(UNFINISHED))
        .values(
            state=MessageStatus.SENT,
            sent_at=now,
            leased_until=None,
            provider_id=func.coalesce(new[2].as_string(), Message.provider_id),
            cost=new[3].as_string(),
            gateway=func.coalesce(new[4].as_string(), Message.gateway),
            reason=None,
        )
        .execution_options(synchronize_session=False)
    )


def _still_owned(session: Session, claimed: Sequence[Claimed]) -> list[Message]:
    """Returns the rows that this worker still owns: not claimed again since, and not ended by a delivery report.

    An expired lease does not matter: what a slow worker reports is better than UNKNOWN.
    """
    attempts = {text.id: text.attempt for text in claimed}
    if not attempts:
        return []
    rows = select(Message).where(Message.id.in_(attempts)).order_by(Message.id).with_for_update()
    return [row for row in session.scalars(rows) if row.state in UNFINISHED and row.attempt == attempts[row.id]]


def _apply_outcome(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    message.leased_until = None
    message.provider_id = outcome.provider_id or message.provider_id
    message.gateway = outcome.gateway or message.gateway
    message.cost, message.reason = outcome.cost, outcome.reason
    match outcome.verdict:
        case Verdict.FAILED:
            _finish(message, MessageStatus.FAILED, now)
        case Verdict.BLOCKED:
            _finish(message, MessageStatus.FAILED, now)
            delivery_reports.mark_blocked(session, [message.phone_id], now)
        case Verdict.UNKNOWN if message.state is MessageStatus.SENDING:
            _outcome_unknown(message, now)
        case Verdict.RETRY | Verdict.PAUSED:
            _retry_later(message, outcome, now)


def _retry_later(message: Message, outcome: Outcome, now: datetime) -> None:
    message.state, message.tries = MessageStatus.WAITING, message.tries + 1
    gap = _retry_delay(message, outcome)
    # Jitter, so that what failed together is not retried together. Not past the expiry: the failure is told in time.
    wait = timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
    message.due_at = min(now + wait, message.expires_at)


def _retry_delay(message: Message, outcome: Outcome) -> int:
    if outcome.verdict is Verdict.PAUSED:
        return PAUSE_SECONDS[message.lane]
    if outcome.reason in NETWORK_QUIET_HOURS and message.lane is not Lane.URGENT:
        return NETWORK_QUIET_DELAY
    gaps = RETRY_DELAYS[message.lane]
    return gaps[min(message.tries, len(gaps)) - 1]


def _outcome_unknown(message: Message, now: datetime) -> None:
    """Perhaps sent: repeat a help text once; hold anything else until a delivery report arrives."""
    message.leased_until = None
    if message.kind in REPEATED_KINDS and message.repeats == 0:
        message.state, message.repeats, message.due_at = MessageStatus.WAITING, 1, now
    else:
        message.state = MessageStatus.UNKNOWN


def _update_rows(session: Session, ids: Iterable[int]) -> Update:
    """An UPDATE of rows that this transaction has locked, or that nobody else may write."""
    return update(Message).where(among(session, Message.id, ids)).execution_options(synchronize_session=False)


def _set_status(session: Session, ids: Collection[int], state: MessageStatus, ended_at: datetime | None = None) -> None:
    if ids:
        session.execute(_update_rows(session, ids).values(state=state, ended_at=ended_at, leased_until=None))


def _finish(message: Message, state: MessageStatus, now: datetime) -> None:
    message.state, message.ended_at, message.leased_until = state, now, None


def reclaim_expired(session: Session, now: datetime) -> None:
    """Requeue or hold rows whose lease expired: the worker died, perhaps after the call, so the outcome is unknown."""
    lost = select(Message).where(
        Message.lane.in_(Lane), Message.stands(MessageStatus.SENDING), Message.leased_until <= now
    )  # naming the lanes lets the index be used
    for message in session.scalars(lost.with_for_update(skip_locked=True)):
        message.reason, message.gateway = "WorkerLost", None
        _outcome_unknown(message, now)
        if message.state is MessageStatus.WAITING:
            wake_after_commit(session, message.lane.value)
