"""Closing a group: nobody can join it any more, its upcoming meetings are cancelled, and each member gets one text.

Its series and one-to-one programmes end, and notices that have not started are dropped. Invitations and requests to
take part in its surveys are withdrawn, and those who asked to join are told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import timezones
from smsgate.groups import invitations, join_requests
from smsgate.matching import endings
from smsgate.meetings.meetings import mark_changed
from smsgate.meetings.news import Change, ChangeType, NotificationResult
from smsgate.meetings.waiting_news import ZONE, tell_changes
from smsgate.models import Group, Meeting, Member, Membership, Message, Notice, NoticeStatus, Phone, Programme, Series
from smsgate.notices import notices
from smsgate.notices.group_changes import CODE
from smsgate.outbox import keys
from smsgate.outbox.superseding import take_back_news

REOPENED_WITHIN = timedelta(days=30)


def lately_closed(session: Session, now: datetime) -> list[Group]:
    """Return the groups that can still be reopened, last closed first."""
    rows = select(Group).where(Group.closed_at > now - REOPENED_WITHIN).order_by(Group.closed_at.desc())
    return list(session.scalars(rows))


def reopen(session: Session, group: Group, now: datetime, code: str) -> bool:
    """Reopen a group with its code and members; return False if it is open, or was closed too long ago.

    Cancelled meetings stay cancelled and ended series stay ended, since members were told. What waits and says that the
    group has closed is written anew.
    """
    if group.closed_at is None or group.closed_at <= now - REOPENED_WITHIN:
        return False
    group.closed_at = None
    join_requests.write_anew(session, code, Message.group_id == group.id)
    return True


def close(session: Session, group: Group, now: datetime, code: str) -> NotificationResult:
    """Close a group; closing it twice changes nothing. Members keep their help texts and everything else."""
    if group.closed_at is not None:
        return NotificationResult(0, now)
    group.closed_at, group.zone = now, _zone_to_tell(session, group)
    join_requests.tell_of_closing(session, group, now, code)
    invitations.withdraw(session, group, None, now)
    join_requests.write_anew(session, code, Message.group_id == group.id)
    take_back_news(session, group.id, (CODE, ZONE), now)
    outbox.withdraw(session, Message.group_id == group.id, Message.survey_id.is_not(None), now=now)
    not_started = (
        Notice.group_id == group.id,
        Notice.stage.in_((NoticeStatus.DRAFT, NoticeStatus.ASKED, NoticeStatus.TIMED)),
    )
    for notice in session.scalars(select(Notice).where(*not_started)):
        notices.stop(session, notice, now)
    running = (Series.group_id == group.id, Series.ended_at.is_(None))
    session.execute(update(Series).where(*running).values(ended_at=now))
    to_come = (Meeting.group_id == group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    changes = []
    rows = select(Meeting).where(*to_come).order_by(Meeting.id).with_for_update(key_share=True)
    for meeting in session.scalars(rows.execution_options(populate_existing=True)):
        meeting.cancelled_at = now
        mark_changed(meeting, now)
        changes.append(Change(meeting, ChangeType.CANCELLED, meeting.starts_at))
    for programme in session.scalars(select(Programme).where(Programme.group_id == group.id)).all():
        endings.close(session, programme, now, code)
    session.flush()
    return tell_changes(session, changes, None, keys.group_closed(group.id, now), now, code)


def _zone_to_tell(session: Session, group: Group) -> str:
    """Return the group's time zone or, if there is none any more, that of the country of its first member."""
    if timezones.existing(group.zone) is not None:
        return group.zone
    members = select(Phone.number).join(Member, Member.phone_id == Phone.id).join(Membership)
    first = session.scalar(members.where(Membership.group_id == group.id).order_by(Membership.id).limit(1))
    return timezones.timezone_of_number(first or "")
