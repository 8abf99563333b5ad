"""A group's settings as one value: read, created and applied together, as the settings page does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.groups import groups, join_requests
from smsgate.models import REMINDED, Group


@dataclass(frozen=True, kw_only=True)
class GroupSettings:
    """The settings of a group; `code` "" asks for a free one, `quiet` None for no quiet hours."""

    name: str
    code: str = ""
    zone: str = "Africa/Nairobi"
    languages: list[str] = field(default_factory=list)  # empty: all
    quiet: tuple[time, time] | None = (time(21), time(7))
    tells_place: bool = False
    listed: bool = False
    by_approval: bool = False
    welcome: dict[str, str] = field(default_factory=dict)  # by language
    replies_allowed: bool = False
    replies_days: int = 14
    reminders: str = REMINDED


def settings_of(group: Group) -> GroupSettings:
    """A group's current settings."""
    hours = group.quiet_from, group.quiet_until
    return GroupSettings(
        name=group.name,
        code=group.code,
        zone=group.zone,
        languages=join_requests.languages_of(group),
        quiet=(hours[0], hours[1]) if hours[0] is not None and hours[1] is not None else None,
        tells_place=group.tells_place,
        listed=group.listed,
        by_approval=group.by_approval,
        welcome=dict(group.welcome or {}),
        replies_allowed=group.replies_allowed,
        replies_days=group.replies_days,
        reminders=group.reminders,
    )


def create_group(session: Session, wish: GroupSettings, now: datetime) -> Group:
    """Create a group with these settings; raises Invalid."""
    group = groups.create(session, wish.name, wish.zone, now, code=wish.code)
    apply_settings(session, group, wish, now)
    return group


def apply_settings(session: Session, group: Group, wish: GroupSettings, now: datetime) -> None:
    """Apply settings; where hours or reminders change, held texts and reminders are rescheduled. Raises Invalid."""
    had = settings_of(group)
    _name(session, group, wish, now)
    groups.check_zone(wish.zone)
    group.zone, group.tells_place = wish.zone, wish.tells_place
    group.listed, group.by_approval = wish.listed, wish.by_approval
    join_requests.set_languages(group, wish.languages)
    for language, words in wish.welcome.items():
        join_requests.set_welcome(group, language, words)
    groups.allow_replies(group, wish.replies_allowed, wish.replies_days)
    if wish.reminders != had.reminders:
        groups.set_reminder_times(session, group, _times(wish.reminders), now)
    if (wish.quiet, wish.zone) != (had.quiet, had.zone):
        groups.set_quiet_hours(session, group, wish.quiet, now)


def _name(session: Session, group: Group, wish: GroupSettings, now: datetime) -> None:
    name = groups.checked_name(wish.name)
    if name != group.name:
        group.name, group.calendar_at = name, now  # so that calendar feeds with the name are read again
    if wish.code and wish.code != group.code:
        group.code = groups.free_code(session, wish.code)


def _times(typed: str) -> str:
    try:
        return reminder_times.read(typed) if typed else ""
    except reminder_times.NotBefore:
        raise Invalid("Reminders are written like 1d 2h, at most four, at most 14 days before.") from None
