"""A group's audit log: it records who used a role for what, and the group's leaders can read it for a year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.models import AuditEntry, SecurityEvent
from smsgate.models.security_events import record as record_security_event

SHOWN_MOST = 20
SECURITY_EVENTS = {
    AuditEvent.OFFERED_FACILITATOR: SecurityEvent.ROLE_OFFERED,
    AuditEvent.OFFERED_ADMIN: SecurityEvent.ROLE_OFFERED,
    AuditEvent.ACCEPTED_FACILITATOR: SecurityEvent.ROLE_ACCEPTED,
    AuditEvent.ACCEPTED_ADMIN: SecurityEvent.ROLE_ACCEPTED,
    AuditEvent.HANDED_OVER: SecurityEvent.ROLE_ENDED,
    AuditEvent.ENDED: SecurityEvent.ROLE_ENDED,
    AuditEvent.REVOKED: SecurityEvent.ROLE_ENDED,
    AuditEvent.WENT_ON: SecurityEvent.ROLE_RENEWED,
    AuditEvent.GROUP_MADE: SecurityEvent.GROUP_MADE,
    AuditEvent.GROUP_CLOSED: SecurityEvent.GROUP_CLOSED,
    AuditEvent.GROUP_REOPENED: SecurityEvent.GROUP_REOPENED,
    AuditEvent.SAVED_LIST: SecurityEvent.DATA_EXPORTED,
    AuditEvent.FLOW_EXPORTED: SecurityEvent.DATA_EXPORTED,
}


def record(
    session: Session,
    group_id: int,
    phone_id: int | None,
    event: AuditEvent,
    now: datetime,
    about: int | None = None,
    *,
    subject: int | None = None,
) -> None:
    """Add an entry to a group's audit log.

    `phone_id` None stands for the operator, `about` is the id of what was acted on, and `subject` the phone id of the
    person affected, for the network's log.
    """
    what = event.value if about is None else f"{event.value}:{about}"
    session.add(AuditEntry(group_id=group_id, phone_id=phone_id, what=what[:40], at=now))
    if event in SECURITY_EVENTS:
        record_security_event(session, SECURITY_EVENTS[event], now, by=phone_id, subject=subject, group=group_id)


def entries(session: Session, group_id: int, most: int = SHOWN_MOST) -> list[AuditEntry]:
    """Return the latest entries of a group's log, newest first."""
    rows = select(AuditEntry).where(AuditEntry.group_id == group_id).order_by(AuditEntry.id.desc())
    return list(session.scalars(rows.limit(most)))
