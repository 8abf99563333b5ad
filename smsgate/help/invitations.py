"""A number's invitations: those without an answer, those whose answer it may change, and who may be invited."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from smsgate.help import plans
from smsgate.help.choices import STANDS
from smsgate.help.responders import WORTH_ASKING, responder_results, responders_of
from smsgate.models import Member, MessageKind, Responder, ResponderStatus, lookup
from smsgate.outbox.eligibility import is_reached_by

FORGOTTEN_AFTER = timedelta(days=30)  # until then the member sees that an invitation is unanswered
CHANGE_OF_MIND = timedelta(hours=1)


def pending(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """Return the invitations that this number has not answered but still can, sent or not, newest first."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id,
        Responder.agreed == ResponderStatus.ASKED,
        Responder.asked_at > now - WORTH_ASKING,
    )
    return list(session.scalars(rows.order_by(Responder.id.desc())))


def answered(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """Return the invitations of the last week whose answer this number may repeat or change, newest first.

    Someone who left may come back only within the hour; after that, the member has to ask again.
    """
    stands = Responder.agreed.in_((ResponderStatus.YES, ResponderStatus.NO))
    has_just_left = (Responder.agreed == ResponderStatus.LEFT) & (Responder.answered_at > now - CHANGE_OF_MIND)
    rows = select(Responder).where(
        Responder.phone_id == phone_id, ~Responder.backup, or_(stands, has_just_left),
        Responder.asked_at > now - WORTH_ASKING,
    )  # fmt: skip
    return list(session.scalars(rows.order_by(Responder.id.desc())))


def forget_old_invitations(session: Session, now: datetime) -> None:
    """Delete responders who have not answered within 30 days."""
    old = (Responder.agreed == ResponderStatus.ASKED, Responder.asked_at < now - FORGOTTEN_AFTER)
    session.execute(delete(Responder).where(*old))


def refusal(session: Session, member: Member, number: str, now: datetime) -> str:
    """Return why the holder of an E.164 number cannot be asked, "" if they can. An unknown number is not stored."""
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
