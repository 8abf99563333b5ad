"""The digits with which responders answer: each open help text to a number has two of its own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.help.request_states import COPY
from smsgate.models import HelpRecipient, HelpRequest, Message, MessageStatus, Responder, ResponderStatus

LOCK = 0x48454C50  # "HELP": the class of PostgreSQL's advisory locks on the digits of a number


def lock(session: Session, phone_ids: Iterable[int]) -> None:
    """Reserve the choice of digits for these numbers until the transaction ends. Lock members and requests first.

    This does not lock the rows of the phones: anyone who texts us holds their own row while waiting for the member's.
    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        for phone_id in sorted(set(phone_ids)):
            session.execute(select(func.pg_advisory_xact_lock(LOCK, phone_id)))


def key_for(session: Session, request: HelpRequest, responder: Responder) -> int:
    """Return the first of the two digits: the same as in an earlier copy, else one free on that phone.

    A practice avoids the digits of every open request. A real request may reuse those of a practice that was sent
    before it, since the real request is to be answered first.
    """
    rows = select(HelpRecipient).join(Responder).join(HelpRequest)
    theirs = (Responder.phone_id == responder.phone_id, Responder.agreed == ResponderStatus.YES)
    session.flush()
    taken, own = set[int](), list[int]()
    for recipient in session.scalars(rows.where(*theirs, HelpRequest.closed_at.is_(None))):
        same_kind = recipient.request.practice is request.practice
        if same_kind and recipient.responder_id == responder.id:
            own.append(recipient.key)
        elif same_kind or request.practice or _is_still_to_be_sent(session, recipient):
            taken.add(recipient.key)
    candidates: tuple[int, ...] = (*own, *range(1, 2 * len(taken) + 3, 2))
    return next(key for key in candidates if key not in taken)


def _is_still_to_be_sent(session: Session, recipient: HelpRecipient) -> bool:
    message = session.get(Message, recipient.message_id, options=[COPY]) if recipient.message_id else None
    return message is not None and message.state in (MessageStatus.WAITING, MessageStatus.SENDING)
