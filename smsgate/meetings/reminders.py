"""Queueing reminders of meetings: what is due, for whom, and when it is too late.

Each group sets how long before its meetings reminders are sent; each member may choose other times, or none. No
reminder arrives in quiet hours. `Meeting.look_at` is when a meeting's next reminder is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from smsgate import outbox
from smsgate.flows import reminder_times, sms
from smsgate.flows.reminder_times import ReminderOffset
from smsgate.groups.wording import speaking_for
from smsgate.meetings.meetings import local_start
from smsgate.models import Meeting, Member, Membership, Message, MessageKind, Phone, scheduler_runs
from smsgate.models.lookup import members_by_phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, messages, quiet_hours
from smsgate.outbox.eligibility import refuses

APART = timedelta(hours=1)  # a reminder is not worth sending when the next one is this near
EARLIER = timedelta(hours=1)  # before quiet hours begin, to give the lane time to send it
TASK = "reminders"
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


# For this meeting at its present time: this reminder, or any queued in time since this one became due.
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
# Members of the group who want reminders at these times and have got neither this one nor a later one. Someone who
# joined after it was due has just read when the meeting is; someone whose times were changed after that, by them or by
# the group, gets the next one.
_RECIPIENTS = (
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
    """Return the window of each reminder of a meeting ("1d", "2h") for those who chose these times, last one first.

    A reminder that falls into quiet hours waits until they end if people can still set out in time then. Otherwise it
    is sent an hour before they begin: someone who has to be somewhere early wants to know in the evening. If that is
    past too, it is not sent: at night it would wake people for something they can do nothing about.
    """
    by_step, quiet = dict[str, Window](), quiet_hours.hours_for(meeting.group)
    end, in_time, near = meeting.starts_at, meeting.starts_at - quiet_hours.TRAVEL_TIME, timedelta(0)
    for before in reversed(reminder_times.each(times)):
        due = _due_at(meeting, before)
        # If two were chosen this close together, the first is valid for half the time between them.
        expires = end - (min(near, (end - due) / 2) if end - due >= near else near)
        window = _outside_quiet_hours(Window(due, expires), in_time, quiet)
        by_step[str(before)] = window
        end, in_time, near = window.due, window.due - APART, APART
    return by_step


def _due_at(meeting: Meeting, before: ReminderOffset) -> datetime:
    # In calendar days, since a day on which the clocks change has 23 or 25 hours.
    day = (local_start(meeting) - timedelta(days=before.days)).astimezone(UTC)
    return day - timedelta(hours=before.hours)


def _outside_quiet_hours(window: Window, in_time: datetime, quiet: quiet_hours.Hours | None) -> Window:
    quiet_end = quiet.over(window.due) if quiet else None
    if quiet is None or quiet_end is None or quiet_end + quiet_hours.RELEASE_SPREAD <= in_time:
        return window
    quiet_start = quiet.began(window.due)
    return Window(quiet_start - EARLIER, min(quiet_start, window.expires))


def queue_due_reminders(session: Session, now: datetime, code: str) -> int:
    """Queue every reminder that is due at `now` and not yet queued; return how many.

    Those that became due and expired since the last run are queued too, so that they show up as too late.
    """
    last = scheduler_runs.record_run(session, TASK, now)
    rows = select(Meeting.id).where(
        Meeting.cancelled_at.is_(None), Meeting.starts_at > last, or_(Meeting.look_at.is_(None), Meeting.look_at <= now)
    )
    # A locked meeting, of which something is just being changed, stays due until the next run.
    unlocked, counts = rows.with_for_update(of=Meeting, skip_locked=True), []

    def queue(ids: Sequence[int]) -> None:
        counts.append(_queue_reminders_of(session, ids, last, code, now))

    work_on_each(session, "reminders", session.scalars(unlocked).all(), queue, now)
    return sum(counts)


def _queue_reminders_of(session: Session, ids: Sequence[int], last: datetime, code: str, now: datetime) -> int:
    rows = select(Meeting).where(Meeting.id.in_(ids)).options(joinedload(Meeting.group))
    meetings = list(session.scalars(rows.execution_options(populate_existing=True)))
    own_times = _own_times(session, {meeting.group_id for meeting in meetings})
    count = 0
    with session.no_autoflush:  # write `look_at` of all meetings in one go
        for meeting in meetings:
            reminders = list(_reminders_of(meeting, {meeting.group.reminders, *own_times.get(meeting.group_id, ())}))
            for reminder in _due_among(meeting, reminders, last, now):
                count += len(outbox.send_texts(session, _texts(session, meeting, reminder, code, now), now))
            to_come = [reminder.window.due for reminder in reminders if reminder.window.due > now]
            meeting.look_at = min(to_come, default=meeting.starts_at)
    return count


def write_anew(session: Session, code: str, *which: ColumnElement[bool]) -> None:
    """Rewrite those of these texts that are waiting reminders, as things are and each member wants it now."""
    waiting = messages.waiting(session, MessageKind.REMINDER, *which)
    readers = members_by_phone(session, [message.phone_id for message in waiting])
    for message in waiting:
        meeting, member = session.get(Meeting, message.meeting_id), readers.get(message.phone_id)
        if meeting and member:
            messages.rewrite(message, _words(meeting, member.phone.language, member.discreet, code))


def _reminders_of(meeting: Meeting, all_times: set[str]) -> Iterator[Due]:
    for times in sorted(all_times):
        for step, window in windows(meeting, times).items():
            yield Due(times, step, window)


def _own_times(session: Session, group_ids: set[int]) -> dict[int, set[str]]:
    rows = select(Membership.group_id, Membership.reminders).where(Membership.reminders != "").distinct()
    chosen: dict[int, set[str]] = {}
    for group_id, times in session.execute(rows.where(Membership.group_id.in_(group_ids))) if group_ids else ():
        chosen.setdefault(group_id, set()).add(times or "")
    return chosen


def _due_among(meeting: Meeting, reminders: Iterable[Due], last: datetime, now: datetime) -> Iterator[Due]:
    for reminder in reminders:
        due, expires = reminder.window
        was_missed = max(last, meeting.created_at) < due < expires <= now
        if due <= now < expires or was_missed:
            yield reminder


def _texts(
    session: Session, meeting: Meeting, reminder: Due, code: str, now: datetime
) -> list[tuple[int, outbox.Text]]:
    parameters = {
        "group": meeting.group_id, "meeting": meeting.id, "moves": meeting.moves, "reminder": reminder.step,
        "has": meeting.group.reminders, "times": reminder.times, "has_since": meeting.group.reminders_since or EVER,
        "due": reminder.window.due,
        "since": reminder.window.due if reminder.window.expires > now else NEVER,  # a missed one is always queued
    }  # fmt: skip
    texts = []
    for phone_id, language, discreet in session.execute(_RECIPIENTS, parameters):
        text = outbox.Text(
            words=_words(meeting, language, discreet, code),
            key=keys.reminder(meeting.id, meeting.moves, reminder.step), kind=MessageKind.REMINDER,
            expires_at=reminder.window.expires, group_id=meeting.group_id, meeting_id=meeting.id,
            meeting_moves=meeting.moves, reminder=reminder.step,
        )  # fmt: skip
        texts.append((phone_id, text))
    return texts


def _words(meeting: Meeting, language: str | None, discreet: bool, code: str) -> str:
    with speaking_for(meeting.group, language):
        place = (meeting.place or "") if meeting.group.tells_place else ""
        return sms.reminder(local_start(meeting), meeting.group.name, place, code, discreet=discreet)
