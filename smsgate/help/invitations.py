"""The invitations of a number: those that it has not answered, and those whose answer it may change."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from smsgate.help.responders import WORTH_ASKING
from smsgate.models import Responder, ResponderStatus

FORGOTTEN_AFTER = timedelta(days=30)  # an unanswered invitation: until then the member sees that it is
CHANGE_OF_MIND = timedelta(hours=1)


def pending(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """The invitations that this number has not answered and still can, sent or not, the newest first."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id,
        Responder.agreed == ResponderStatus.ASKED,
        Responder.asked_at > now - WORTH_ASKING,
    )
    return list(session.scalars(rows.order_by(Responder.id.desc())))


def answered(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """The invitations of the last week whose answer this number may say again or change, the newest first.

    Who has left may come back only at once: later it is the member who asks again.
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
