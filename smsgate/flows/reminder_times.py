"""How long before a meeting its reminders are sent, as people type it.

`2d 3h` means one reminder two days before and one three hours before; that is also the stored form.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from smsgate.core.i18n import _, ngettext

MOST = 4  # reminders of one meeting
FURTHEST_DAYS = 14
DAYS = frozenset({"d", "day", "days", "siku", "j", "jour", "jours"})
HOURS = frozenset({"h", "hour", "hours", "saa", "masaa", "heure", "heures"})


class ReminderOffset(NamedTuple):
    """One reminder offset: either whole days, at the same time of day, or hours."""

    days: int
    hours: int

    def __str__(self) -> str:
        return f"{self.days}d" if self.days else f"{self.hours}h"


class Wrong(StrEnum):
    """Why reminder times cannot be accepted."""

    UNREADABLE = "unreadable"
    MANY = "many"
    FAR = "far"


class InvalidReminderTimes(ValueError):
    """What was typed cannot be used as reminder times; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def read(typed: str) -> str:
    """Parse what someone typed into the stored form: earliest first, without duplicates.

    Raises InvalidReminderTimes if it cannot be read, has more than MOST offsets or one of more than FURTHEST_DAYS.
    """
    words = re.findall(r"\d+|[^\W\d_]+", typed.casefold())
    numbers, units = words[::2], words[1::2]
    if words and not words[0].isdecimal():  # in Kiswahili the number follows the unit: siku 2
        numbers, units = units, numbers
    if not words or len(words) % 2 or any(len(number) > 4 or not number.isdecimal() for number in numbers):
        raise InvalidReminderTimes(Wrong.UNREADABLE)
    offsets = {_parse_offset(int(number), unit) for number, unit in zip(numbers, units, strict=True)}
    if len(offsets) > MOST:
        raise InvalidReminderTimes(Wrong.MANY)
    return " ".join(map(str, sorted(offsets, key=lambda offset: -(offset.days * 24 + offset.hours))))


def _parse_offset(number: int, unit: str) -> ReminderOffset:
    if number < 1 or unit not in DAYS | HOURS:
        raise InvalidReminderTimes(Wrong.UNREADABLE)
    days = number if unit in DAYS else number // 24 if number % 24 == 0 else 0
    if max(days, number // 24 if unit in HOURS else 0) > FURTHEST_DAYS:
        raise InvalidReminderTimes(Wrong.FAR)
    return ReminderOffset(days, 0) if days else ReminderOffset(0, number)


def each(kept: str) -> list[ReminderOffset]:
    """Return the offsets of a stored value, earliest first; an empty list for ""."""
    return [
        ReminderOffset(int(offset[:-1]), 0) if offset[-1] == "d" else ReminderOffset(0, int(offset[:-1]))
        for offset in kept.split()
    ]


def in_words(stored: str) -> str:
    """Return the offsets of a stored value in words, such as `1 day, 2 hours`."""
    return ", ".join(map(_offset_text, each(stored))) or _("none")


def _offset_text(offset: ReminderOffset) -> str:
    if offset.days:
        return ngettext("{count} day", "{count} days", offset.days).format(count=offset.days)
    return ngettext("{count} hour", "{count} hours", offset.hours).format(count=offset.hours)
