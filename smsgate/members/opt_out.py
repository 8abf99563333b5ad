"""Opting out of texts by STOP, and in again by START: at once, and only START undoes a STOP."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.models import ConsentSubject, Message, Phone, Responder, ResponderStatus
from smsgate.models.lookup import ensure_phone, note_consent


def opt_out(session: Session, phone: Phone, now: datetime) -> None:
    """Nothing is pushed to this number from now on; whoever chose it sees that it stopped."""
    if phone.stopped_at is None:
        phone.stopped_at = now
        note_consent(session, phone.id, ConsentSubject.TEXTS, False, now)
    for responder in session.scalars(select(Responder).where(Responder.phone_id == phone.id)):
        if responder.agreed in (ResponderStatus.ASKED, ResponderStatus.YES):
            responder.agreed = ResponderStatus.LEFT if responder.agreed is ResponderStatus.YES else ResponderStatus.NO
            responder.answered_at = now
            note_consent(session, phone.id, ConsentSubject.RESPONDER, False, now, responder.id)
    withdraw_all(session, phone.id, now)


def withdraw_all(session: Session, phone_id: int, now: datetime) -> None:
    """What waits for this number does not leave."""
    outbox.withdraw(session, Message.phone_id == phone_id, now=now)


def record_blocked(session: Session, number: str, now: datetime) -> None:
    """The network says that the holder of an E.164 number blocks us: what waits for it is not sent."""
    phone = ensure_phone(session, number, now)
    phone.blocked_at = phone.blocked_at or now
    withdraw_all(session, phone.id, now)


def opt_in(session: Session, phone: Phone, now: datetime) -> None:
    """Texts may come again, as far as we and the person are concerned; a network that still stops them will say so."""
    phone.blocked_at = phone.told_blocked_at = None
    if phone.stopped_at is not None:
        phone.stopped_at = None
        note_consent(session, phone.id, ConsentSubject.TEXTS, True, now)
