"""The invitations that a number has not answered, and who may be invited at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.help import plans
from smsgate.help.choices import STANDS
from smsgate.help.responders import WORTH_ASKING, responder_results, responders_of
from smsgate.models import Member, MessageKind, Responder, ResponderStatus, lookup
from smsgate.outbox.eligibility import is_reached_by


def pending(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """The invitations that this number has not answered and still can, sent or not, the newest first."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id,
        Responder.agreed == ResponderStatus.ASKED,
        Responder.asked_at > now - WORTH_ASKING,
    )
    return list(session.scalars(rows.order_by(Responder.id.desc())))


def refusal(session: Session, member: Member, number: str, now: datetime) -> str:
    """Why the holder of an E.164 number cannot be asked; "" if they can. Looking makes no number known to us."""
    if number == member.phone.number:
        return "yourself"
    if plans.is_do_not_contact(session, member, number):
        return "never"
    phone = lookup.find_phone(session, number)
    if phone is None:
        return ""
    shown = {seen["id"]: seen["agreed"] for seen in responder_results(session, member, now)}
    mine = [one for one in responders_of(session, member) if one.phone_id == phone.id and one.agreed in STANDS]
    if any(shown[one.id] != "gone" for one in mine):
        return "already"
    return "" if is_reached_by(phone, MessageKind.INVITATION) else "closed"
