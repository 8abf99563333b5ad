"""Single meetings: planning one, cancelling it and telling its group, listing the next ones for members."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core import timezones
from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.flows.actions.results import MeetingSeen
from smsgate.meetings import news, time_input, waiting_news
from smsgate.models import Group, Meeting, Member, Reply
from smsgate.outbox import keys

SHOWN_MOST = 8
LONGEST_PLACE = 40
STILL_ON = timedelta(hours=1)  # a meeting that has just begun is still listed


def plan(session: Session, group: Group, local: datetime, place: str | None, now: datetime) -> Meeting:
    """Plan a meeting at `local`, a time in the group's zone without tzinfo. Raises Invalid."""
    place = checked_words(place)
    meeting = Meeting(group_id=group.id, starts_at=future_start(group, local, now), place=place, created_at=now)
    session.add(meeting)
    session.flush()
    return meeting


def cancel(session: Session, meeting: Meeting, now: datetime, code: str) -> int:
    """Cancel a meeting and text its group at once, except those who replied no; return the number of texts queued.

    Nobody is told of a meeting that has begun. Raises Invalid.
    """
    lock(session, meeting)
    if meeting.cancelled_at is not None:
        raise Invalid(_("This meeting is cancelled already."))
    meeting.cancelled_at = now
    mark_changed(meeting, now)
    if meeting.starts_at <= now:
        return 0
    cancelled = news.Change(meeting, news.ChangeType.CANCELLED, meeting.starts_at)
    key = keys.meeting_cancelled(meeting.id, meeting.changes)
    return waiting_news.tell_changes(session, [cancelled], None, key, now, code).people


def lock(session: Session, meeting: Meeting) -> None:
    """Lock and reload a meeting that is about to be changed: someone else may be changing it at this moment."""
    session.refresh(meeting, with_for_update={"key_share": True})


def checked_words(words: str | None) -> str | None:
    """Return a place or topic with single spaces, None for an empty one; raise Invalid if it is too long."""
    words = " ".join((words or "").split()) or None
    if words and len(words) > LONGEST_PLACE:
        raise Invalid(_("At most {count} characters.").format(count=LONGEST_PLACE))
    return words


def mark_changed(meeting: Meeting, now: datetime) -> None:
    """Record a change, so that calendars update the meeting and the scheduler works out its reminders again."""
    meeting.changes, meeting.changed_at, meeting.look_at = meeting.changes + 1, now, None


def future_start(group: Group, local: datetime, now: datetime) -> datetime:
    """Return a local time of the group in UTC; raise Invalid if it is past or does not exist."""
    try:
        return time_input.future_utc(local, ZoneInfo(group.zone), now)
    except time_input.InvalidTime as error:
        skipped = error.wrong is time_input.Wrong.SKIPPED
        why = "That time does not exist: the clocks go forward then." if skipped else "That time is in the past."
        raise Invalid(why) from None


def doubled_times(session: Session, group: Group, now: datetime) -> list[datetime]:
    """Return the upcoming local times at which a group has several meetings, perhaps by mistake, soonest first."""
    ahead = (Meeting.group_id == group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    rows = select(Meeting.starts_at).where(*ahead).group_by(Meeting.starts_at).having(func.count() > 1)
    starts = session.scalars(rows.order_by(Meeting.starts_at).limit(SHOWN_MOST))
    return [start.astimezone(ZoneInfo(group.zone)) for start in starts]


def local_start(meeting: Meeting) -> datetime:
    """Return the start of a meeting in its group's zone."""
    return meeting.starts_at.astimezone(ZoneInfo(meeting.group.zone))


def upcoming(session: Session, group_ids: list[int], now: datetime) -> list[Meeting]:
    """Return the next meetings of these groups, soonest first."""
    rows = (
        select(Meeting)
        .where(Meeting.group_id.in_(group_ids), Meeting.cancelled_at.is_(None), Meeting.starts_at > now - STILL_ON)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return list(session.scalars(rows.limit(SHOWN_MOST)))


def meeting_results(session: Session, member: Member | None, group_ids: list[int], now: datetime) -> list[MeetingSeen]:
    """Return the next meetings, with the member's own replies, in the form that flows show.

    Those of a group whose time zone no longer exists hide no other group's; nobody can tell their time.
    """
    ahead = upcoming(session, group_ids, now)
    meetings = [meeting for meeting in ahead if timezones.existing(meeting.group.zone)] or ahead
    own_replies = select(Reply.meeting_id, Reply.coming).where(Reply.member_id == (member.id if member else 0))
    replies = {meeting_id: coming.value for meeting_id, coming in session.execute(own_replies)}
    return [
        {
            "id": meeting.id,
            "group": meeting.group.name,
            "when": local_start(meeting).replace(tzinfo=None).isoformat(),
            "place": (meeting.place or "") if meeting.group.tells_place else "",
            "topic": meeting.topic or "",
            "minutes": meeting.minutes or 0,
            "coming": replies.get(meeting.id, ""),
        }
        for meeting in meetings
    ]
