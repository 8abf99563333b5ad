"""What members wish of the texts of their groups: reminders in each, hours at which texts may come, who sees a name."""

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
SHORTEST = timedelta(minutes=30)  # what was held leaves within ten


class HoursError(StrEnum):
    """Why hours cannot be kept."""

    UNREADABLE = "unreadable"
    NIGHT = "night"  # a group is quiet in all of them


def reminder_times(session: Session, member: Member) -> list[RemindedSeen]:
    """The groups of a member, and when reminders come in each."""
    rows = (
        select(Group.id, Group.name, Group.reminders, Membership.reminders)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.member_id == member.id)
        .order_by(Group.name, Group.id)
    )
    return [
        {"id": group_id, "name": name, "theirs": theirs, "mine": mine}
        for group_id, name, theirs, mine in session.execute(rows)
    ]


def set_reminders(session: Session, member: Member, group_id: int, times: str | None, now: datetime) -> bool:
    """Their own reminders in a group, None: as the group has them. False where they are not in it."""
    mine = lookup.find_membership(session, member.id, group_id)
    if mine is None:
        return False
    mine.reminders, mine.reminders_since = times, now
    groups.reschedule_reminders(session, group_id, now)
    return True


def show_name(session: Session, member: Member, group_id: int, shown: bool) -> None:
    """Whether who leads the group sees the name of the member among those who come."""
    mine = lookup.find_membership(session, member.id, group_id)
    if mine is not None:
        mine.shows_name = shown


def text_hours(member: Member) -> str:
    """The hours at which texts may come as `17:00-20:30`; "" for any."""
    start, end = member.texts_from, member.texts_until
    return f"{start:%H:%M}-{end:%H:%M}" if start and end else ""


def set_text_hours(session: Session, member: Member, typed: str) -> HoursError | None:
    """Hours as people type them, "" for any; why they cannot be kept."""
    if not typed:
        member.texts_from = member.texts_until = None
        return None
    try:
        start, end = parse_text_hours(typed)
    except ValueError:
        return HoursError.UNREADABLE
    if any(_quiet_in_all(group, start, end) for group in groups.groups_of(session, member)):
        return HoursError.NIGHT
    member.texts_from, member.texts_until = start, end
    return None


def parse_text_hours(typed: str) -> tuple[time, time]:
    """`17-20`, `1700 2030`, `17:00 to 20.30` as two times that differ; raises ValueError."""
    found = re.findall(r"(?<!\d)(\d{1,2})(?:[:.h]?(\d{2}))?(?!\d)", typed)
    if len(found) != 2 or len(re.findall(r"\d", typed)) != sum(len(hour + minute) for hour, minute in found):
        raise ValueError("not two times")
    start, end = (time(0 if hour == "24" else int(hour), int(minute or 0)) for hour, minute in found)
    if (datetime.combine(date.min, end) - datetime.combine(date.min, start)) % timedelta(days=1) < SHORTEST:
        raise ValueError("hardly any time between them")
    return start, end


def _quiet_in_all(group: Group, start: time, end: time) -> bool:
    """On the face of the clock: whether no moment is left at which something may come."""
    night = quiet_hours.hours_for(group)
    if night is None:
        return False
    moment = datetime.combine(date.min, start)
    last = moment + (datetime.combine(date.min, end) - moment) % timedelta(days=1)
    while moment < last:
        if not night.holds(moment.time()):
            return False
        moment += A_STEP
    return True
