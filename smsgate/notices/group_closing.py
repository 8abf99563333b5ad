"""Closes a group: nobody can join it any more, and its coming meetings are cancelled, told to each member in one text.

Its series end, and notices that have not started are dropped.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.meetings.change_notices import Change, ChangeType, NotificationResult, send_change_notices
from smsgate.meetings.meetings import mark_changed
from smsgate.models import Group, JoinRequest, Meeting, Notice, NoticeStatus, Series
from smsgate.notices import notices


def close(session: Session, group: Group, now: datetime, code: str) -> NotificationResult:
    """Close a group; closing it twice changes nothing. Its members keep their help texts and everything else."""
    if group.closed_at is not None:
        return NotificationResult(0, now)
    group.closed_at = now
    session.execute(delete(JoinRequest).where(JoinRequest.group_id == group.id))
    unsent = (
        Notice.group_id == group.id,
        Notice.stage.in_((NoticeStatus.DRAFT, NoticeStatus.ASKED, NoticeStatus.TIMED)),
    )
    for notice in session.scalars(select(Notice).where(*unsent)):
        notices.stop(session, notice, now)
    running = (Series.group_id == group.id, Series.ended_at.is_(None))
    session.execute(update(Series).where(*running).values(ended_at=now))
    ahead = (Meeting.group_id == group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    found = []
    for one in session.scalars(select(Meeting).where(*ahead).order_by(Meeting.starts_at)):
        one.cancelled_at = now
        mark_changed(one, now)
        found.append(Change(one, ChangeType.CANCELLED, one.starts_at))
    session.flush()
    return send_change_notices(session, found, None, f"closed:{group.id}", now, code)
