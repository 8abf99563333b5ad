"""A worker's side of the outbox: claim with a lease, look again, record what the gateway said, take back what is lost.

A row goes WAITING → SENDING (claimed, with a lease and an attempt number as the fence) → SENT → DELIVERED or FAILED,
or ends TOO_LATE, WITHDRAWN or UNKNOWN. What a delivery report does stands in `reports.py`.
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

LEASE = timedelta(seconds=10)  # renewed while the worker lives, so it need not be as long as a call to a gateway
REPEATED_KINDS = frozenset(
    {MessageKind.HELP, MessageKind.HELP_NEWS}
)  # sent again after an unknown outcome, once: twice beats never
UNFINISHED = (
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.WAITING,
)  # what a worker's knowledge may still change
# Gaps between tries, in seconds; the last one repeats until the message expires. None is longer than three minutes, so
# that the backlog is gone five minutes after the gateway is well again; it is the circuit that spares the gateway.
RETRY_DELAYS = {Lane.URGENT: (5, 15, 30, 60), Lane.NORMAL: (30, 60, 120, 180), Lane.BULK: (30, 60, 120, 180)}
PAUSE_SECONDS = {Lane.URGENT: 30, Lane.NORMAL: 60, Lane.BULK: 60}  # out of credit, or a setting is wrong
NETWORK_QUIET_HOURS = frozenset({"DoNotDisturbRejection"})  # a network's quiet hours: what comes soon is refused again
NETWORK_QUIET_DELAY = 1800


@dataclass(frozen=True)
class Claimed:
    """A message that this worker alone may send, until the lease runs out."""

    id: int
    attempt: int
    phone_id: int
    number: str = field(repr=False)
    words: str = field(repr=False)
    kind: MessageKind
    unsure: str | None = None  # the gateway that may have sent it already; "" where its worker died
    tries: int = 0  # that failed


def claim(session: Session, lane: Lane, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Claimed] | None:
    """Take up to `limit` due messages, oldest first, for this worker alone; None when nothing is due.

    They are looked at again: what expired ends TOO_LATE (UNKNOWN where it may have left already), what is not wanted
    any more WITHDRAWN, what comes in quiet hours waits on, so that fewer may be left, or none. The others become
    SENDING, with a lease and the next attempt number.
    """
    found = session.execute(_due_messages(lane, now, limit)).all()
    if not found:
        return None
    late = {one.id for one in found if one.expires_at <= now}
    refused = ineligible(session, [one for one in found if one.id not in late], now)
    held = quiet_hours.hold(session, [one for one in found if one.id not in late | refused], now)
    unsure = {one.id for one in found if one.id in late and one.repeats}
    _set_status(session, unsure, MessageStatus.UNKNOWN)
    _set_status(session, (late - unsure) | held.too_late, MessageStatus.TOO_LATE, now)
    _set_status(session, refused, MessageStatus.WITHDRAWN, now)
    gone = late | refused | held.waiting | held.too_late
    taken = [one for one in found if one.id not in gone]
    sending = {"state": MessageStatus.SENDING, "leased_until": now + lease, "attempt": Message.attempt + 1}
    session.execute(_update_rows(session, [one.id for one in taken]).values(sending))
    words = opened(session, Message.words, {one.sealed for one in taken})
    return [
        Claimed(
            one.id,
            one.attempt + 1,
            one.phone_id,
            one.number,
            words[one.sealed],
            one.kind,
            _uncertain_gateway(one),
            one.tries,
        )
        for one in taken
    ]


def _uncertain_gateway(found: Any) -> str | None:  # noqa: ANN401 - a row of `_due_messages`
    return (found.gateway or "") if found.repeats else None


def recheck(session: Session, claimed: Sequence[Claimed], now: datetime) -> list[Claimed]:
    """What of it may still leave. A STOP may have come since the claim: that ends WITHDRAWN. A pause: that waits."""
    refused = ineligible(session, claimed, now)
    held = kill_switches.held_ids(session, [one.id for one in claimed], now) - refused
    release(session, [one for one in claimed if one.id in held])
    for message in _still_owned(session, [one for one in claimed if one.id in refused]):
        if message.state is MessageStatus.SENDING:
            _finish(message, MessageStatus.WITHDRAWN, now)
    return [one for one in claimed if one.id not in refused | held]


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
    """The worker lives: its leases begin again. What is not its own any more stays as it is."""
    for attempt, same in groupby(sorted(claimed, key=lambda one: one.attempt), lambda one: one.attempt):
        mine = Message.state == MessageStatus.SENDING, Message.attempt == attempt
        session.execute(_update_rows(session, [one.id for one in same]).where(*mine).values(leased_until=now + LEASE))


def release(session: Session, claimed: Sequence[Claimed]) -> None:
    """Claimed but not tried: as due as before, for whoever comes next."""
    for message in _still_owned(session, claimed):
        message.state, message.leased_until = MessageStatus.WAITING, None


def record(session: Session, claimed: Sequence[Claimed], outcomes: Iterable[Outcome], now: datetime) -> list[int]:
    """Write down what the gateway said; the ids that ended without leaving.

    Fenced: a row whose attempt number moved on belongs to another worker by now and is left alone.
    """
    said = {outcome.number: outcome for outcome in outcomes}
    judged = [(one, said.get(one.number) or Outcome(one.number, Verdict.UNKNOWN, reason="NotSaid")) for one in claimed]
    accepted = [pair for pair in judged if pair[1].verdict is Verdict.ACCEPTED]
    _record_accepted(session, accepted, now)
    others = {one.id: outcome for one, outcome in judged if outcome.verdict is not Verdict.ACCEPTED}
    mine = _still_owned(session, [one for one in claimed if one.id in others])
    for message in mine:
        _apply_outcome(session, message, others[message.id], now)
    delivery_reports.apply_early_reports(
        session, [outcome.provider_id for _one, outcome in judged if outcome.provider_id], now
    )
    return [message.id for message in mine if message.state is MessageStatus.FAILED]


def _record_accepted(session: Session, accepted: Sequence[tuple[Claimed, Outcome]], now: datetime) -> None:
    """Most of a broadcast, so without a look at each row."""
    if not accepted:
        return
    # Locked in this order, as everywhere: no deadlocks.
    rows = sorted((one.id, one.attempt, said.provider_id, said.cost, said.gateway) for one, said in accepted)
    said, its_row = match_rows(session, Message.id, rows)
    session.execute(
        update(Message)
        .where(its_row, Message.attempt == said[1].as_integer(), Message.state.in_(UNFINISHED))
        .values(
            state=MessageStatus.SENT,
            sent_at=now,
            leased_until=None,
            provider_id=func.coalesce(said[2].as_string(), Message.provider_id),
            cost=said[3].as_string(),
            gateway=func.coalesce(said[4].as_string(), Message.gateway),
            reason=None,
        )
        .execution_options(synchronize_session=False)
    )


def _still_owned(session: Session, claimed: Sequence[Claimed]) -> list[Message]:
    """The rows that are still this worker's: nobody claimed them since, and no delivery report ended them.

    A lease that ran out meanwhile does not matter: what a slow worker knows is better than UNKNOWN.
    """
    attempts = {one.id: one.attempt for one in claimed}
    if not attempts:
        return []
    rows = select(Message).where(Message.id.in_(attempts)).order_by(Message.id).with_for_update()
    return [one for one in session.scalars(rows) if one.state in UNFINISHED and one.attempt == attempts[one.id]]


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
    # Jitter, so that what failed together does not come back together. Not beyond the end: it is told in time.
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
    """Perhaps sent: a help text goes once more, anything else is held until a delivery report says."""
    message.leased_until = None
    if message.kind in REPEATED_KINDS and message.repeats == 0:
        message.state, message.repeats, message.due_at = MessageStatus.WAITING, 1, now
    else:
        message.state = MessageStatus.UNKNOWN


def _update_rows(session: Session, ids: Iterable[int]) -> Update:
    """An UPDATE of rows that this transaction has locked, or alone may write."""
    return update(Message).where(among(session, Message.id, ids)).execution_options(synchronize_session=False)


def _set_status(session: Session, ids: Collection[int], state: MessageStatus, ended_at: datetime | None = None) -> None:
    if ids:
        session.execute(_update_rows(session, ids).values(state=state, ended_at=ended_at, leased_until=None))


def _finish(message: Message, state: MessageStatus, now: datetime) -> None:
    message.state, message.ended_at, message.leased_until = state, now, None


def reclaim_expired(session: Session, now: datetime) -> None:
    """Rows whose lease ran out: their worker died, perhaps after the call, so their outcome is unknown."""
    lost = select(Message).where(
        Message.lane.in_(Lane), Message.stands(MessageStatus.SENDING), Message.leased_until <= now
    )  # the lanes are named for the index
    for message in session.scalars(lost.with_for_update(skip_locked=True)):
        message.reason, message.gateway = "WorkerLost", None
        _outcome_unknown(message, now)
        if message.state is MessageStatus.WAITING:
            wake_after_commit(session, message.lane.value)
