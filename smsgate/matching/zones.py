"""A group's programmes follow it to another time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.models import Group, Match, MatchMeeting, Message, MessageKind, Programme
from smsgate.outbox import messages


def keep_local_times(
    session: Session, group: Group, before: str, moved: Callable[[datetime], datetime], now: datetime
) -> None:
    """Let a group's programmes follow it from the zone `before` to its new one: meetings keep their local time."""
    in_zone = select(Programme).where(Programme.group_id == group.id, Programme.zone == before)
    programmes = session.scalars(in_zone.with_for_update()).all()
    of_these = select(Match.id).where(Match.programme_id.in_([programme.id for programme in programmes]))
    to_come = (MatchMeeting.match_id.in_(of_these), MatchMeeting.starts_at > now)
    for meeting in session.scalars(select(MatchMeeting).where(*to_come).order_by(MatchMeeting.id).with_for_update()):
        meeting.starts_at = moved(meeting.starts_at)
    for reminder in messages.waiting(session, MessageKind.WALK_REMINDER, Message.match_id.in_(of_these)):
        reminder.expires_at = moved(reminder.expires_at)
    for programme in programmes:
        programme.zone = group.zone
