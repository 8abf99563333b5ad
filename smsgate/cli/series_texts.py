"""The words in which the `series` commands describe a series, its dates and its changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from smsgate.cli.output import people_text
from smsgate.meetings import meetings, news, recurrence, series
from smsgate.meetings.news import ChangeType
from smsgate.models import Group, Meeting, MessageKind, Series
from smsgate.outbox import quiet_hours


def series_text(row: Series) -> str:
    """Describe when a series meets."""
    until = f", until {row.until}" if row.until else ""
    return f"{recurrence.rule_text(row.rule)} at {row.at:%H:%M} in {row.zone}{until}"


def next_date_text(session: Session, row: Series, now: datetime) -> str:
    """Return the next date of a series that isn't cancelled, or "none"."""
    dates = [meeting for meeting in series.dates_to_come(session, row, now) if not meeting.cancelled_at]
    return f"{meetings.local_start(dates[0]):%a %Y-%m-%d %H:%M}" if dates else "none"


def date_note(meeting: Meeting) -> str:
    """Say how a date differs from its series' plan; "" if it doesn't."""
    if meeting.cancelled_at is not None:
        return "cancelled"
    if meeting.series_day is None:
        return "extra"
    return f"moved, of {meeting.series_day}" if meeting.starts_at != meeting.planned_at else ""


def changes_text(changes: series.SeriesChange) -> str:
    """Say how many dates a change of a series moved, cancelled or added."""
    words = {
        ChangeType.MOVED: "moved", ChangeType.CANCELLED: "cancelled", ChangeType.ON_AFTER_ALL: "on again",
        ChangeType.ELSEWHERE: "elsewhere",
    }  # fmt: skip
    parts = [f"{changes.what[change]} {word}" for change, word in words.items() if changes.what[change]]
    parts += [f"{changes.added} new"] if changes.added else []
    return f"Dates: {', '.join(parts)}." if parts else "No date has changed."


def told_text(group: Group, told: news.NotificationResult, now: datetime) -> str:
    """Say how many people are told about a change, and when; starts with a space."""
    if not told.people:
        return " Nobody needed to be told."
    departure = quiet_hours.send_time_text(group, MessageKind.MEETING_NEWS, told.expires_at, now)
    return f" {people_text(told.people)} told {departure}."
