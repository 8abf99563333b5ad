"""Starting notices when their time has come, or dropping them if they have lapsed, and telling leaders so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.flows.sms import notices as sms_notices
from smsgate.groups import roles
from smsgate.models import Audience, Meeting, Notice, NoticeStatus
from smsgate.models.row_failures import still_so, work_on_each
from smsgate.notices import leader_texts, notices
from smsgate.outbox import keys


class Lapse(StrEnum):
    """Why a notice must not be sent any more."""

    AUTHOR = "author"  # they no longer lead the group, or were erased
    MEETING = "meeting"  # the one whose attendees would get it was cancelled
    LATE = "late"  # its time was a day ago or more: no scheduler ran


def lapse_of(session: Session, notice: Notice, now: datetime) -> Lapse | None:
    """Return why a notice that has not started must not be sent, or None if it can be."""
    if notice.author_id is not None and roles.role_in_group(session, notice.author_id, notice.group_id, now) is None:
        return Lapse.AUTHOR
    meeting = session.get(Meeting, notice.meeting_id) if notice.audience is Audience.COMING else None
    if meeting is not None and meeting.cancelled_at is not None:
        return Lapse.MEETING
    return Lapse.LATE if notice.due_at is not None and notice.due_at + notices.WORTH_SENDING <= now else None


def start_due(session: Session, now: datetime, dial: str) -> None:
    """Start the notices that are due; drop those that have lapsed."""
    due = select(Notice.id).where(Notice.stage == NoticeStatus.TIMED, Notice.due_at <= now, Notice.stopped_at.is_(None))

    def start(ids: Sequence[int]) -> None:
        for notice_id in ids:
            _start_or_drop(session, session.get_one(Notice, notice_id), now, dial)

    work_on_each(session, "timed notices", session.scalars(due.with_for_update(skip_locked=True)).all(), start, now)


def _start_or_drop(session: Session, notice: Notice, now: datetime, dial: str) -> None:
    lapse = lapse_of(session, notice, now)
    if lapse is not None:
        drop_lapsed(session, notice, lapse, now, dial)
    else:
        notices.start(session, notice, now)


def stop_held(session: Session, now: datetime, dial: str) -> None:
    """Stop notices that have lapsed and of which nothing was sent yet: they were held in quiet hours, say."""
    alive = (Notice.stopped_at.is_(None), Notice.due_at > now - notices.WORTH_SENDING)
    going = select(Notice.id).where(Notice.stage == NoticeStatus.GOING, *alive)

    def stop(ids: Sequence[int]) -> None:
        for notice in still_so(session, Notice, ids, Notice.stage == NoticeStatus.GOING, *alive):
            lapse = lapse_of(session, notice, now)
            if lapse is not None and not notices.has_begun(session, notice):
                drop_lapsed(session, notice, lapse, now, dial)

    work_on_each(session, "held notices", session.scalars(going).all(), stop, now)


def drop_lapsed(session: Session, notice: Notice, lapse: Lapse, now: datetime, dial: str) -> None:
    """Drop a lapsed notice, and tell those who can write another one."""
    notices.stop(session, notice, now)
    key = keys.notice_dropped(notice.id)
    if lapse is not Lapse.AUTHOR:
        words_for = sms_notices.too_late if lapse is Lapse.LATE else sms_notices.meeting_cancelled
        leader_texts.text_author(session, notice, lambda: words_for(dial), key, now)
        return
    for phone in leader_texts.other_leaders(session, notice, now):
        leader_texts.text_leader(session, notice, phone, lambda: sms_notices.author_gone(dial), key, now)
