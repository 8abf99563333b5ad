"""What is due, for whom, and when it is too late.

Two reminders of each meeting: at the same time the day before, and two hours before. None comes in quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from smsgate import messages, quiet, rounds, texts
from smsgate.i18n import speaking
from smsgate.meetings import local_start
from smsgate.models import Kind, Lane, Meeting, Member, Membership, Message, Phone

HOURS_BEFORE = timedelta(hours=2)
APART = timedelta(hours=1)  # the first one is not worth sending when the second one is that near
EARLIER = timedelta(hours=1)  # before quiet hours begin, so that the lane has the time to carry it
LOOK_AHEAD = timedelta(hours=48)  # further than any reminder is due: a day, and the longest night
ROUND = "reminders"


class Window(NamedTuple):
    """From when on a reminder is due, and when it is too late."""

    due: datetime
    expires: datetime


def windows(meeting: Meeting) -> dict[str, Window]:
    """When each reminder of a meeting leaves.

    One that falls into quiet hours waits for their end, if that is early enough to set out by it. Else it comes an
    hour before they begin: who has to be somewhere early wants to know in the evening. If that is over too, it does
    not come: at night it would wake people for what they cannot do anything about.
    """
    starts_at, night = meeting.starts_at, quiet.of(meeting.group)
    hours = _by_day(Window(starts_at - HOURS_BEFORE, starts_at), starts_at - quiet.IN_TIME, night)
    # On the face of the clock: a day in which it changes has 23 or 25 hours.
    day_before = (local_start(meeting) - timedelta(days=1)).astimezone(UTC)
    too_late = hours.due - APART
    return {"day": _by_day(Window(day_before, too_late), too_late, night), "hours": hours}


def _by_day(window: Window, in_time: datetime, night: quiet.Hours | None) -> Window:
    over = night.over(window.due) if night else None
    if night is None or over is None or over + quiet.SPREAD <= in_time:
        return window
    began = night.began(window.due)
    return Window(began - EARLIER, min(began, window.expires))


def queue_due(session: Session, now: datetime, code: str) -> int:
    """Queue every reminder that is due at `now` and not queued yet; the number queued.

    Those that came and went since the last round are queued too, so that they end as too late, for all to see.
    """
    last = rounds.last(session, ROUND, now)
    near = (Meeting.starts_at > last, Meeting.starts_at <= now + LOOK_AHEAD)
    rows = select(Meeting).where(Meeting.cancelled_at.is_(None), *near).options(joinedload(Meeting.group))
    return sum(
        len(messages.queue(session, _drafts(session, meeting, step, window.expires, code), now))
        for meeting in session.scalars(rows)
        for step, window in _due(meeting, last, now)
    )


def _due(meeting: Meeting, last: datetime, now: datetime) -> Iterator[tuple[str, Window]]:
    for step, window in windows(meeting).items():
        is_due = window.due <= now < window.expires
        was_missed = max(last, meeting.created_at) < window.due < window.expires <= now
        if is_due or was_missed:
            yield step, window


def _drafts(session: Session, meeting: Meeting, step: str, expires_at: datetime, code: str) -> list[messages.Draft]:
    cause = f"reminder:{meeting.id}:{meeting.moves}:{step}"
    drafts = []
    for phone_id, language, discreet in session.execute(_wanting(meeting.group_id, cause)):
        with speaking(language):
            place = (meeting.place or "") if meeting.group.tells_place else ""
            words = texts.reminder(local_start(meeting), meeting.group.name, place, code, discreet=discreet)
        drafts.append(
            messages.Draft(
                phone_id=phone_id, words=words, cause=cause, kind=Kind.REMINDER, lane=Lane.NORMAL,
                expires_at=expires_at, group_id=meeting.group_id, meeting_id=meeting.id,
            )
        )  # fmt: skip
    return drafts


def _wanting(group_id: int, cause: str):  # type: ignore[no-untyped-def]
    """Members of the group who want reminders and have not got this one."""
    has_it = exists().where(Message.cause == cause, Message.phone_id == Phone.id)
    return (
        select(Phone.id, Phone.language, Member.discreet)
        .join(Member, Member.phone_id == Phone.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(
            Membership.group_id == group_id,
            Member.reminders,
            Member.paused_at.is_(None),
            Phone.stopped_at.is_(None),
            Phone.blocked_at.is_(None),
            ~has_it,
        )
    )
