"""Notes what a worker hands to a gateway before each call, so that only this is in doubt if the worker dies.

Everything else that a dead worker had claimed goes back to the queue as it was: a help text keeps its one repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session, defer

from smsgate.core.database import among, server_time, wake_after_commit
from smsgate.models import GatewayCall, Lane, Message, MessageStatus
from smsgate.models.row_failures import work_on_each
from smsgate.outbox.claims import LEASE, Claimed
from smsgate.outbox.recording import outcome_unknown


@dataclass(frozen=True)
class Handover:
    """One call: the id of its note (None if nothing is handed over), and the messages that may be in it."""

    id: int | None
    texts: Sequence[Claimed]


def hand_over(session: Session, batch: Sequence[Claimed], now: datetime) -> Handover:
    """Note that a batch is about to be handed to a gateway; commit before the call.

    Messages that this worker no longer holds are left out: it was stopped for longer than its lease.
    """
    rows = select(Message.id, Message.attempt).where(
        among(session, Message.id, [text.id for text in batch]), Message.stands(MessageStatus.SENDING)
    )
    held = {row.id: row.attempt for row in session.execute(rows.order_by(Message.id).with_for_update())}
    texts = [text for text in batch if held.get(text.id) == text.attempt]
    if not texts:
        return Handover(None, [])
    call = GatewayCall(claims=[[text.id, text.attempt] for text in texts], made_at=now)
    session.add(call)
    session.flush()
    return Handover(call.id, texts)


def end_call(session: Session, handover: Handover) -> None:
    """Delete the note, in the transaction that records the outcomes."""
    if handover.id is not None:
        session.execute(delete(GatewayCall).where(GatewayCall.id == handover.id))


def reclaim_expired(session: Session, now: datetime) -> None:
    """Take back what dead workers had claimed: what was being handed over is in doubt, the rest waits as before."""
    time = server_time(session)
    sending = Message.lane.in_(Lane), Message.stands(MessageStatus.SENDING)  # naming the lanes lets the index be used
    _shorten_impossible_leases(session, time, sending)
    lost = select(Message.id).where(*sending, Message.leased_until <= time).order_by(Message.id)
    ids = session.scalars(lost.with_for_update(skip_locked=True)).all()
    # Read after the rows are locked: `hand_over` locks them too, so no note of theirs can still be on its way.
    calls = session.scalars(select(GatewayCall)).all() if ids else []
    handed_over = {claim for call in calls for claim in _noted(call)}

    def take_back(ids: Sequence[int]) -> None:
        rows = select(Message).where(among(session, Message.id, ids)).order_by(Message.id)
        for message in session.scalars(rows.options(defer(Message.words))).all():
            _take_back(session, message, (message.id, message.attempt) in handed_over, now)
        session.flush()

    work_on_each(session, "claims of dead workers", ids, take_back, now)  # not all may be of a kind that we know
    _forget_dead_calls(session, now)


def _take_back(session: Session, message: Message, in_doubt: bool, now: datetime) -> None:
    message.reason = "WorkerLost"
    if in_doubt:
        message.gateway = None
        outcome_unknown(message, now)
    else:
        message.state, message.leased_until = MessageStatus.WAITING, None
    if message.state is MessageStatus.WAITING:
        wake_after_commit(session, message.lane.value)


def _shorten_impossible_leases(session: Session, time: datetime, sending: tuple[ColumnElement[bool], ...]) -> None:
    """Shorten leases from before the database's clock went back: only live workers renew them, within seconds."""
    impossible = select(Message.id).where(*sending, Message.leased_until > time + 2 * LEASE).order_by(Message.id)
    if ids := session.scalars(impossible.with_for_update(skip_locked=True)).all():
        rows = update(Message).where(among(session, Message.id, ids)).execution_options(synchronize_session=False)
        session.execute(rows.values(leased_until=time + LEASE))


def _forget_dead_calls(session: Session, now: datetime) -> None:
    """Delete the notes of dead workers: those with no message that is still claimed as noted."""
    old = session.scalars(select(GatewayCall).where(GatewayCall.made_at <= now - LEASE)).all()
    for call in old:
        noted = _noted(call)
        rows = select(Message.id, Message.attempt).where(
            among(session, Message.id, [message_id for message_id, _attempt in noted]),
            Message.stands(MessageStatus.SENDING),
        )
        if not noted & {tuple(row) for row in session.execute(rows)}:
            session.delete(call)


def _noted(call: GatewayCall) -> set[tuple[int, int]]:
    """Return the ids and attempts in a note; none of what has another shape, which keeps nobody else's texts."""
    claims = call.claims if isinstance(call.claims, list) else []
    return {(claim[0], claim[1]) for claim in claims if isinstance(claim, list) and len(claim) > 1}
