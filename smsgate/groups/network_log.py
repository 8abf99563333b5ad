"""The network's log of admins, roles, groups, helplines and pauses; read by network admins and the operator.

`models/security_events.py` writes the entries; `roles.forget_ended_roles` deletes them after a year.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.models import Group, NetworkEntry


def entries(session: Session, most: int, skip: int = 0) -> list[NetworkEntry]:
    """Return at most `most` entries, newest first, after leaving out the newest `skip`."""
    return list(session.scalars(select(NetworkEntry).order_by(NetworkEntry.id.desc()).offset(skip).limit(most)))


def group_codes(session: Session, found: list[NetworkEntry]) -> dict[int | None, str]:
    """Return the codes of the groups that these entries concern, by group id."""
    ids = {entry.group_id for entry in found if entry.group_id}
    return {group.id: group.code for group in session.scalars(select(Group).where(Group.id.in_(ids)))}
