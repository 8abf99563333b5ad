"""Keyed tags that remember whether a number was invited to a group, joined or left it, without revealing the number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.encryption import keys_of
from smsgate.models import Invitation


def tags(session: Session, number: str) -> list[str]:
    """Return the tags of an E.164 number, one for each encryption key; the first is the one to write."""
    return keys_of(session.get_bind().dialect).tags(f"invited {number}")


def invitations_of_number(session: Session, number: str) -> list[Invitation]:
    """Return a number's invitations to any group."""
    rows = select(Invitation).where(Invitation.tag.in_(tags(session, number)))
    return list(session.scalars(rows.order_by(Invitation.id)))


def record_joined(session: Session, number: str, group_id: int, now: datetime) -> None:
    """Record that a number joined: an unsent invitation is no longer sent, and an earlier leaving no longer counts."""
    same_number = (Invitation.group_id == group_id, Invitation.tag.in_(tags(session, number)))
    looked_at = func.coalesce(Invitation.looked_at, now)
    values = {"accepted_at": now, "looked_at": looked_at, "left_at": None}
    session.execute(update(Invitation).where(*same_number).values(values))


def record_left(session: Session, number: str, group_id: int, now: datetime) -> None:
    """Record that a number left, so that this group does not invite it again."""
    number_tags = tags(session, number)
    same_number = (Invitation.group_id == group_id, Invitation.tag.in_(number_tags))
    if not session.scalars(update(Invitation).where(*same_number).values(left_at=now).returning(Invitation.id)).all():
        session.add(Invitation(group_id=group_id, tag=number_tags[0], looked_at=now, left_at=now))


def forget_number(session: Session, number: str) -> None:
    """Delete all invitations of a number whose holder was erased or has changed."""
    session.execute(delete(Invitation).where(Invitation.tag.in_(tags(session, number))))
