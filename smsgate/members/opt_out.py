"""Opting out of texts with STOP and in again with START: both take effect at once, and only START undoes STOP."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import end_sessions_after_commit
from smsgate.help import responders
from smsgate.matching import endings
from smsgate.models import ConsentSubject, Message, Phone
from smsgate.models.lookup import ensure_phone, note_consent


def opt_out(session: Session, phone: Phone, now: datetime) -> None:
    """Opt a number out of all texts and of being a responder; members who chose it can see that."""
    responders.stop_being_chosen(session, phone.id, now)
    endings.end_all_at(session, phone.id, now)
    if phone.stopped_at is None:
        phone.stopped_at = now
        note_consent(session, phone.id, ConsentSubject.TEXTS, False, now)
    withdraw_all(session, phone.id, now)


def withdraw_all(session: Session, phone_id: int, now: datetime) -> None:
    """Withdraw every text waiting for this number, and end its open sessions."""
    outbox.withdraw(session, Message.phone_id == phone_id, now=now)
    end_sessions_after_commit(session, session.get_one(Phone, phone_id).number)


def record_blocked(session: Session, number: str, now: datetime) -> None:
    """Record the network's report that an E.164 number blocks us, and withdraw what is waiting for it."""
    phone = ensure_phone(session, number, now)
    phone.blocked_at = phone.blocked_at or now
    withdraw_all(session, phone.id, now)


def opt_in(session: Session, phone: Phone, now: datetime) -> None:
    """Opt a number in again and clear its blocked mark: if the network still blocks us, the next report will say so."""
    phone.blocked_at = phone.told_blocked_at = None
    if phone.stopped_at is not None:
        phone.stopped_at = None
        note_consent(session, phone.id, ConsentSubject.TEXTS, True, now)
