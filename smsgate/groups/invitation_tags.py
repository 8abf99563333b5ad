"""What is remembered of a number and a group: it was invited, it joined, it left. By a tag that tells nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.encryption import keys_of
from smsgate.models import Invitation


def tags(session: Session, number: str) -> list[str]:
    """The names of an E.164 number here, the one to write first."""
    return keys_of(session.get_bind().dialect).tags(f"invited {number}")


def invitations_of_number(session: Session, number: str) -> list[Invitation]:
    """All that is remembered of a number."""
    rows = select(Invitation).where(Invitation.tag.in_(tags(session, number)))
    return list(session.scalars(rows.order_by(Invitation.id)))


def record_joined(session: Session, number: str, group_id: int, now: datetime) -> None:
    """They are in the group: what was to be sent is not, and that they once left counts no more."""
    here = (Invitation.group_id == group_id, Invitation.tag.in_(tags(session, number)))
    looked = func.coalesce(Invitation.looked_at, now)
    values = {"accepted_at": now, "looked_at": looked, "left_at": None}
    session.execute(update(Invitation).where(*here).values(values))


def record_left(session: Session, number: str, group_id: int, now: datetime) -> None:
    """They left: this group invites them no more."""
    names = tags(session, number)
    here = (Invitation.group_id == group_id, Invitation.tag.in_(names))
    if not session.scalars(update(Invitation).where(*here).values(left_at=now).returning(Invitation.id)).all():
        session.add(Invitation(group_id=group_id, tag=names[0], looked_at=now, left_at=now))


def forget_number(session: Session, number: str) -> None:
    """Nothing of it is left: who held it was erased, or holds it no more."""
    session.execute(delete(Invitation).where(Invitation.tag.in_(tags(session, number))))
