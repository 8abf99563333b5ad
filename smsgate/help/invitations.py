"""The invitations that a number has not answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.help.responders import WORTH_ASKING
from smsgate.models import Responder, ResponderStatus


def pending(session: Session, phone_id: int, now: datetime) -> list[Responder]:
    """The invitations that this number has not answered and still can, sent or not, the newest first."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id,
        Responder.agreed == ResponderStatus.ASKED,
        Responder.asked_at > now - WORTH_ASKING,
    )
    return list(session.scalars(rows.order_by(Responder.id.desc())))
