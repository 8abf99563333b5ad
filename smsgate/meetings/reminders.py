"""Queues the reminders of meetings: what is due, for whom, and when it is too late.

Each group sets how long before its meetings reminders come; each member may choose other times, or none. No reminder
comes in quiet hours. `Meeting.look_at` is when the next reminder of a meeting is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from smsgate import outbox
from smsgate.flows import reminder_times, sms
from smsgate.flows.reminder_times import Before
from smsgate.groups.wording import speaking_for
from smsgate.meetings.meetings import local_start
from smsgate.models import Meeting, Member, Membership, Message, MessageKind, Phone, scheduler_runs
from smsgate.outbox import quiet_hours
from smsgate.outbox.eligibility import refuses

APART = timedelta(hours=1)  # a reminder is not worth sending when the next one is that near, or nearer
EARLIER = timedelta(hours=1)  # before quiet hours begin, so that the lane has time to send it
ROUND = "reminders"
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Window(NamedTuple):
    """When a reminder is due, and when it is too late."""

    due: datetime
    expires: datetime


class Due(NamedTuple):
    """One reminder of a meeting, for those who chose these times."""

    times: str
    step: str
    window: Window


# For this meeting with its present time: this reminder, or any that was queued in time since this one was due.
_SINCE = and_(
    Message.created_at >= bindparam("since"),
    Message.expires_at > Message.created_at,
)
_HAS_ONE = exists().where(
    Message.phone_id == Phone.id,
    Message.meeting_id == bindparam("meeting"),
    Message.meeting_moves == bindparam("moves"),
    Message.reminder.is_not(None),
    or_(Message.reminder == bindparam("reminder"), _SINCE),
)
# Members of the group who want reminders at these times and have received neither this one nor a later one. Somebody
# who joined since it was due has just read when the meeting is; somebody who chose other times since, or whose group
# did, gets the next one.
_WANTING = (
    select(Phone.id, Phone.language, Member.discreet)
    .join(Member, Member.phone_id == Phone.id)
    .join(Membership, Membership.member_id == Member.id)
    .where(
        Membership.group_id == bindparam("group"),
        func.coalesce(Membership.reminders, bindparam("has")) == bindparam("times"),
        func.coalesce(Membership.reminders_since, Membership.joined_at) <= bindparam("due"),
        or_(Membership.reminders.is_not(None), bindparam("has_since") <= bindparam("due")),
        Member.reminders,
        Member.paused_at.is_(None),
        ~refuses(MessageKind.REMINDER),
        ~_HAS_ONE,
    )
)


def windows(meeting: Meeting, times: str) -> dict[str, Window]:
    """Return the window of each reminder of a meeting ("1d", "2h") for those who chose these times, the last one first.

    One that falls into quiet hours waits for their end, if people can still set out for the meeting then. Otherwise
    it comes an hour before they begin: somebody who has to be somewhere early wants to know in the evening. If that is
    past too, it is not sent: at night it would wake people for something that they can do nothing about.
    """
    found, night = dict[str, Window](), quiet_hours.hours_for(meeting.group)
    end, in_time, near = meeting.starts_at, meeting.starts_at - quiet_hours.TRAVEL_TIME, timedelta(0)
    for one in reversed(reminder_times.each(times)):
        due = _due_at(meeting, one)
        # Of two that were chosen as close together as that, the first has half of the time between them.
        expires = end - (min(near, (end - due) / 2) if end - due >= near else near)
        window = _by_day(Window(due, expires), in_time, night)
        found[str(one)] = window
        end, in_time, near = window.due, window.due - APART, APART
    return found


def _due_at(meeting: Meeting, before: Before) -> datetime:
    # Calendar days: one on which the clocks change has 23 or 25 hours.
    day = (local_start(meeting) - timedelta(days=before.days)).astimezone(UTC)
    return day - timedelta(hours=before.hours)


def _by_day(window: Window, in_time: datetime, night: quiet_hours.Hours | None) -> Window:
    over = night.over(window.due) if night else None
    if night is None or over is None or over + quiet_hours.RELEASE_SPREAD <= in_time:
        return window
    began = night.began(window.due)
    return Window(began - EARLIER, min(began, window.expires))


def queue_due_reminders(session: Session, now: datetime, code: str) -> int:
    """Queue every reminder that is due at `now` and not queued yet; return how many.

    Those that were due and expired since the last run are queued too, so that they end as too late, for all to see.
    """
    last = scheduler_runs.record_run(session, ROUND, now)
    rows = select(Meeting).where(
        Meeting.cancelled_at.is_(None), Meeting.starts_at > last, or_(Meeting.look_at.is_(None), Meeting.look_at <= now)
    )
    # A meeting that is locked, since it or somebody's choice of times is being changed, stays due until the next run.
    mine = rows.options(joinedload(Meeting.group)).with_for_update(of=Meeting, skip_locked=True)
    found = list(session.scalars(mine.execution_options(populate_existing=True)))
    own = _own_times(session, {meeting.group_id for meeting in found})
    count = 0
    with session.no_autoflush:  # `look_at` of all of them is written at once
        for meeting in found:
            every = list(_every(meeting, {meeting.group.reminders, *own.get(meeting.group_id, ())}))
            for one in _due(meeting, every, last, now):
                count += len(outbox.send_texts(session, _texts(session, meeting, one, code, now), now))
            to_come = [one.window.due for one in every if one.window.due > now]
            meeting.look_at = min(to_come, default=meeting.starts_at)
    return count


def _every(meeting: Meeting, each_of: set[str]) -> Iterator[Due]:
    for times in sorted(each_of):
        for step, window in windows(meeting, times).items():
            yield Due(times, step, window)


def _own_times(session: Session, group_ids: set[int]) -> dict[int, set[str]]:
    rows = select(Membership.group_id, Membership.reminders).where(Membership.reminders != "").distinct()
    own: dict[int, set[str]] = {}
    for group_id, times in session.execute(rows.where(Membership.group_id.in_(group_ids))) if group_ids else ():
        own.setdefault(group_id, set()).add(times or "")
    return own


def _due(meeting: Meeting, every: Iterable[Due], last: datetime, now: datetime) -> Iterator[Due]:
    for one in every:
        due, expires = one.window
        was_missed = max(last, meeting.created_at) < due < expires <= now
        if due <= now < expires or was_missed:
            yield one


def _texts(session: Session, meeting: Meeting, one: Due, code: str, now: datetime) -> list[tuple[int, outbox.Text]]:
    these = {
        "group": meeting.group_id, "meeting": meeting.id, "moves": meeting.moves, "reminder": one.step,
        "has": meeting.group.reminders, "times": one.times, "has_since": meeting.group.reminders_since or EVER,
        "due": one.window.due,
        "since": one.window.due if one.window.expires > now else NEVER,  # a missed one is queued in any case
    }  # fmt: skip
    texts = []
    for phone_id, language, discreet in session.execute(_WANTING, these):
        with speaking_for(meeting.group, language):
            place = (meeting.place or "") if meeting.group.tells_place else ""
            words = sms.reminder(local_start(meeting), meeting.group.name, place, code, discreet=discreet)
        text = outbox.Text(
            words=words, key=f"reminder:{meeting.id}:{meeting.moves}:{one.step}", kind=MessageKind.REMINDER,
            expires_at=one.window.expires, group_id=meeting.group_id, meeting_id=meeting.id,
            meeting_moves=meeting.moves, reminder=one.step,
        )  # fmt: skip
        texts.append((phone_id, text))
    return texts
