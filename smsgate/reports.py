"""Delivery reports: forward only, whatever order they come in. Unknown words and unknown ids are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from smsgate.models import FINAL, Message, Phone, State, StrayReport

# The provider's words that end a message; all others (Sent, Submitted, Buffered, AbsentSubscriber, Expired and what
# may come) are noted and change nothing.
ENDS = {"Success": State.DELIVERED, "Failed": State.FAILED, "Rejected": State.FAILED}
# Reasons that say something about the person, not about this one text.
BLOCKS = frozenset({"UserInBlackList", "UserInBlacklist"})
UNDECIDED = frozenset({State.SENDING, State.SENT, State.UNKNOWN, State.WAITING})


def report(
    session: Session, provider_id: str, status: str, reason: str | None, network: str | None, now: datetime
) -> None:
    """Apply one report; one whose message is not known yet is kept for it."""
    row = StrayReport(
        provider_id=provider_id[:100],
        status=status[:40],
        reason=reason[:60] if reason else None,
        network=network[:12] if network else None,
        at=now,
    )
    rows = select(Message).where(Message.provider_id == row.provider_id).with_for_update()
    message = session.scalars(rows).first()
    if message is None:
        session.add(row)
    else:
        _apply(session, message, row, now)


def match_strays(session: Session, now: datetime) -> None:
    """Apply reports that crossed with the reply to the send: each was committed before it could see the other."""
    _match(session, select(StrayReport.provider_id), now)


def catch_up(session: Session, provider_ids: Sequence[str], now: datetime) -> None:
    """Apply what was reported of these before the reply to the send came."""
    if provider_ids:
        _match(session, select(StrayReport.provider_id).where(StrayReport.provider_id.in_(provider_ids)), now)


def _match(session: Session, strays: Select[str], now: datetime) -> None:
    found = select(Message).where(Message.provider_id.in_(strays)).order_by(Message.id)
    sent = {one.provider_id: one for one in session.scalars(found.with_for_update(skip_locked=True))}
    if not sent:
        return
    early = select(StrayReport).where(StrayReport.provider_id.in_(sent)).order_by(StrayReport.id)
    for row in session.scalars(early).all():
        _apply(session, sent[row.provider_id], row, now)
        session.delete(row)


def _apply(session: Session, message: Message, row: StrayReport, now: datetime) -> None:
    if message.state in FINAL:
        return
    message.report, message.network = row.status, row.network or message.network
    end = ENDS.get(row.status)
    if end is not None and message.state in UNDECIDED:
        message.state, message.ended_at, message.leased_until = end, now, None
        message.sent_at = message.sent_at or (now if end is State.DELIVERED else None)
        message.reason = row.reason or message.reason
    elif message.state is State.UNKNOWN:
        message.state, message.sent_at = State.SENT, message.sent_at or now  # the network has it: it did leave
    if row.reason in BLOCKS:
        block(session, message.phone_id, now)


def block(session: Session, phone_id: int, now: datetime) -> None:
    """The person blocks our sender: nothing more goes there."""
    phone = session.get(Phone, phone_id)
    if phone is not None and phone.blocked_at is None:
        phone.blocked_at = now
