"""Numbers that may have changed hands: asked neutrally, at the next dial, before anything personal is shown.

Doubt comes from the network (no such number, or it blocks us), from half a year of silence, or from an operator who
heard of a SIM swap. While it lasts nothing personal is pushed to the number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.groups import invitation_tags, roles
from smsgate.help import responders
from smsgate.members import leaving
from smsgate.models import ConsentSubject, Phone, Responder, ResponderStatus, lookup

SILENCE = timedelta(days=180)
DAY = timedelta(days=1)


def may_be_reassigned(phone: Phone | None, now: datetime) -> bool:
    """Somebody else may hold it."""
    if phone is None:
        return False
    return phone.doubted_at is not None or (phone.heard_at is not None and phone.heard_at < now - SILENCE)


def mark_as_reassigned(session: Session, phone_ids: Iterable[int], now: datetime) -> None:
    """Somebody else may hold these numbers from now on."""
    rows = update(Phone).where(Phone.id.in_(list(phone_ids)), Phone.doubted_at.is_(None))
    session.execute(rows.values(doubted_at=now))


def record_activity(phone: Phone | None, now: datetime) -> None:
    """A number was used, to dial or to text: noted once a day. After a long silence it is in doubt from then on."""
    if phone is None or (phone.heard_at is not None and phone.heard_at > now - DAY):
        return
    if may_be_reassigned(phone, now):
        phone.doubted_at = phone.doubted_at or now
    phone.heard_at = now


def resolve_reassignment(session: Session, phone: Phone, mine: bool, now: datetime) -> None:
    """The same person as before; or another, for whom nothing of the former holder is left."""
    phone.doubted_at, phone.heard_at = None, now
    if mine:
        return
    for one in responders.who_chose(session, phone.id):
        one.agreed, one.answered_at = (
            ResponderStatus.LEFT if one.agreed is ResponderStatus.YES else ResponderStatus.NO,
            now,
        )
        lookup.note_consent(session, phone.id, ConsentSubject.RESPONDER, False, now, one.id)
    for one in session.scalars(select(Responder).where(Responder.phone_id == phone.id, Responder.backup)):
        session.delete(one)
    roles.leave_all_roles(session, phone.id, now)
    member = lookup.find_member(session, phone.id)
    if member is not None:
        leaving.leave_service(session, member, now)
    invitation_tags.forget_number(session, phone.number)  # who left was the former holder
    phone.language = phone.silent_at = None
