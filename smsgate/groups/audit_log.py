"""A group's audit log: every use of a role is noted, by whom, and can be read by the group's leaders for a year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.models import AuditEntry

SHOWN_MOST = 20


def record(
    session: Session, group_id: int, phone_id: int | None, event: AuditEvent, now: datetime, about: int | None = None
) -> None:
    """Add to the log of a group; without a phone it was the operator. `about`: the number of what it was done to."""
    what = event.value if about is None else f"{event.value}:{about}"
    session.add(AuditEntry(group_id=group_id, phone_id=phone_id, what=what[:40], at=now))


def entries(session: Session, group_id: int, most: int = SHOWN_MOST) -> list[AuditEntry]:
    """The newest entries of a group's log, newest first."""
    rows = select(AuditEntry).where(AuditEntry.group_id == group_id).order_by(AuditEntry.id.desc())
    return list(session.scalars(rows.limit(most)))
