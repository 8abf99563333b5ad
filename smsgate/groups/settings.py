"""A group's settings as one value, read and applied together, as on the settings page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.groups import groups, join_requests
from smsgate.models import REMINDED, Group


@dataclass(frozen=True, kw_only=True)
class GroupSettings:
    """The settings of a group; `code` "" asks for a free one, `quiet` None means no quiet hours."""

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
    """Return a group's current settings."""
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


def create_group(session: Session, settings: GroupSettings, now: datetime) -> Group:
    """Create a group with these settings; raise Invalid if one is not allowed."""
    group = groups.create(session, settings.name, settings.zone, now, code=settings.code)
    apply_settings(session, group, settings, now)
    return group


def apply_settings(session: Session, group: Group, settings: GroupSettings, now: datetime) -> None:
    """Apply settings; reschedule held texts and reminders if hours or reminder times change. Raise Invalid."""
    before = settings_of(group)
    _apply_name_and_code(session, group, settings)
    groups.check_zone(settings.zone)
    group.zone, group.tells_place = settings.zone, settings.tells_place
    group.listed, group.by_approval = settings.listed, settings.by_approval
    join_requests.set_languages(group, settings.languages)
    for language, words in settings.welcome.items():
        join_requests.set_welcome(group, language, words)
    groups.allow_replies(group, settings.replies_allowed, settings.replies_days)
    if settings.reminders != before.reminders:
        groups.set_reminder_times(session, group, _parse_reminder_times(settings.reminders), now)
    if (settings.quiet, settings.zone) != (before.quiet, before.zone):
        groups.set_quiet_hours(session, group, settings.quiet, now)


def _apply_name_and_code(session: Session, group: Group, settings: GroupSettings) -> None:
    name = groups.checked_name(settings.name)
    if name != group.name:
        group.name = name
    if settings.code and settings.code != group.code:
        group.code = groups.free_code(session, settings.code, group)


def _parse_reminder_times(typed: str) -> str:
    try:
        return reminder_times.read(typed) if typed else ""
    except reminder_times.InvalidReminderTimes:
        raise Invalid(_("Write reminders like 1d 2h: at most four, at most 14 days before.")) from None
