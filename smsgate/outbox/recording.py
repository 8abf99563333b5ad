"""Records what a gateway said about each message: sent, failed, to be tried again later, or unknown."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from smsgate.core.database import match_rows
from smsgate.gateways import Outcome, Verdict
from smsgate.models import Lane, Message, MessageKind, MessageStatus
from smsgate.outbox import delivery_reports
from smsgate.outbox.claims import UNFINISHED, Claimed, finish, still_owned

REPEATED_KINDS = frozenset(
    {MessageKind.HELP, MessageKind.HELP_NEWS}
)  # repeated once after an unknown outcome: sent twice is better than never
REPORTED_WITHIN = timedelta(minutes=2)  # the time in which most texts are reported on, delivered or not
# Gaps between tries, in seconds; the last one repeats until the message expires. None is longer than three minutes, so
# that the backlog clears within five minutes of the gateway's recovery; sparing the gateway is the circuit's job.
RETRY_DELAYS = {Lane.URGENT: (5, 15, 30, 60), Lane.NORMAL: (30, 60, 120, 180), Lane.BULK: (30, 60, 120, 180)}
PAUSE_SECONDS = {Lane.URGENT: 30, Lane.NORMAL: 60, Lane.BULK: 60}  # when out of credit, or when a setting is wrong
NETWORK_QUIET_HOURS = frozenset({"DoNotDisturbRejection"})  # a network's quiet hours: early retries are refused too
NETWORK_QUIET_DELAY = 1800


def record(session: Session, claimed: Sequence[Claimed], outcomes: Iterable[Outcome], now: datetime) -> list[int]:
    """Record the gateway's outcomes and return the ids of the messages that failed for good.

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
    owned = still_owned(session, [text for text in claimed if text.id in others])
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


def _apply_outcome(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    message.leased_until = None
    message.provider_id = outcome.provider_id or message.provider_id
    message.gateway = outcome.gateway or message.gateway
    message.cost, message.reason = outcome.cost, outcome.reason
    match outcome.verdict:
        case Verdict.FAILED:
            finish(message, MessageStatus.FAILED, now)
        case Verdict.BLOCKED:
            finish(message, MessageStatus.FAILED, now)
            delivery_reports.mark_blocked(session, [message.phone_id], now)
        case Verdict.UNKNOWN if message.state is MessageStatus.SENDING:
            outcome_unknown(message, now)
        case Verdict.RETRY | Verdict.PAUSED:
            _retry_later(message, outcome, now)


def _retry_later(message: Message, outcome: Outcome, now: datetime) -> None:
    message.state, message.tries = MessageStatus.WAITING, message.tries + 1
    gap = _retry_delay(message, outcome)
    # Jitter, so that what failed together is not retried together. Not past the expiry: failures are reported in time.
    wait = timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
    message.due_at = min(now + wait, message.expires_at)


def _retry_delay(message: Message, outcome: Outcome) -> int:
    if outcome.verdict is Verdict.PAUSED:
        return PAUSE_SECONDS[message.lane]
    if outcome.reason in NETWORK_QUIET_HOURS and message.lane is not Lane.URGENT:
        return NETWORK_QUIET_DELAY
    gaps = RETRY_DELAYS[message.lane]
    return gaps[min(message.tries, len(gaps)) - 1]


def outcome_unknown(message: Message, now: datetime) -> None:
    """Handle a text that may have been sent: repeat a help text once; hold anything else until a delivery report.

    A repeat that is in doubt too is examined again after REPORTED_WITHIN: see `calls/lost_replies.py`.
    """
    message.leased_until = None
    if message.kind in REPEATED_KINDS and message.repeats == 0:
        message.state, message.repeats, message.due_at = MessageStatus.WAITING, 1, now
        return
    message.state = MessageStatus.UNKNOWN
    if message.repeats:  # otherwise `due_at` stays: from then on the text may have been read (`reading`)
        message.due_at = now + REPORTED_WITHIN
