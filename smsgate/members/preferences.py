"""A member's preferences for group texts: reminders by group, hours for texts, and whether leaders see their name."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.flows.actions.results import RemindedSeen
from smsgate.groups import groups
from smsgate.models import Group, Member, Membership, lookup
from smsgate.outbox import quiet_hours

A_STEP = timedelta(minutes=15)
SHORTEST = timedelta(minutes=30)  # held texts are released over ten minutes


class HoursError(StrEnum):
    """Why hours cannot be saved."""

    UNREADABLE = "unreadable"
    NIGHT = "night"  # they fall entirely in a group's quiet hours


def reminder_times(session: Session, member: Member) -> list[RemindedSeen]:
    """Return a member's groups with their reminder times before meetings: the group's and the member's own."""
    rows = (
        select(Group.id, Group.name, Group.reminders, Membership.reminders)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.member_id == member.id)
        .order_by(Group.name, Group.id)
    )
    return [
        {"id": group_id, "name": name, "theirs": group_times, "mine": own_times}
        for group_id, name, group_times, own_times in session.execute(rows)
    ]


def set_reminders(session: Session, member: Member, group_id: int, times: str | None, now: datetime) -> bool:
    """Set a member's own reminder times in a group; None for the group's. Return False if they are not in it."""
    own = lookup.find_membership(session, member.id, group_id)
    if own is None:
        return False
    own.reminders, own.reminders_since = times, now
    groups.reschedule_reminders(session, group_id, now)
    return True


def show_name(session: Session, member: Member, group_id: int, shown: bool) -> None:
    """Set whether the group's leaders see the member's name among those coming to a meeting."""
    own = lookup.find_membership(session, member.id, group_id)
    if own is not None:
        own.shows_name = shown


def text_hours(member: Member) -> str:
    """Return the hours in which group texts may arrive, like `17:00-20:30`; "" for any."""
    start, end = member.texts_from, member.texts_until
    return f"{start:%H:%M}-{end:%H:%M}" if start and end else ""


def set_text_hours(session: Session, member: Member, typed: str) -> HoursError | None:
    """Set those hours as typed, "" for any; return why they cannot be saved, or None if they were."""
    if not typed:
        member.texts_from = member.texts_until = None
        return None
    try:
        start, end = parse_text_hours(typed)
    except ValueError:
        return HoursError.UNREADABLE
    if any(_is_always_quiet(group, start, end) for group in groups.groups_of(session, member)):
        return HoursError.NIGHT
    member.texts_from, member.texts_until = start, end
    return None


def parse_text_hours(typed: str) -> tuple[time, time]:
    """Return two times at least half an hour apart from `17-20`, `1700 2030` or `17:00 to 20.30`; raise ValueError."""
    times = re.findall(r"(?<!\d)(\d{1,2})(?:[:.h]?(\d{2}))?(?!\d)", typed)
    if len(times) != 2 or len(re.findall(r"\d", typed)) != sum(len(hour + minute) for hour, minute in times):
        raise ValueError("not two times")
    start, end = (time(0 if hour == "24" else int(hour), int(minute or 0)) for hour, minute in times)
    if (datetime.combine(date.min, end) - datetime.combine(date.min, start)) % timedelta(days=1) < SHORTEST:
        raise ValueError("hardly any time between them")
    return start, end


def _is_always_quiet(group: Group, start: time, end: time) -> bool:
    """Return whether the group's quiet hours cover all of `start` to `end`, checked in steps of A_STEP."""
    quiet = quiet_hours.hours_for(group)
    if quiet is None:
        return False
    moment = datetime.combine(date.min, start)
    end_moment = moment + (datetime.combine(date.min, end) - moment) % timedelta(days=1)
    while moment < end_moment:
        if not quiet.holds(moment.time()):
            return False
        moment += A_STEP
    return True
