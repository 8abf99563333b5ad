"""When a series meets: turning a volunteer's words into a rule of RFC 5545 and back, and listing a rule's dates.

The dates come from python-dateutil; no recurrence is computed by hand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrule, rrulestr

from smsgate.core.errors import Invalid

WEEKDAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
NTH = {"1st": 1, "first": 1, "2nd": 2, "second": 2, "3rd": 3, "third": 3, "4th": 4, "fourth": 4, "last": -1}
SHORT = {"weekly": "week", "fortnightly": "2 weeks", "fortnight": "2 weeks", "monthly": "month"}
EVERY = re.compile(r"(?:every )?(?:(\d{1,2}) )?(week|month)s?")
MOST_BETWEEN = 52  # weeks or months
# No COUNT or UNTIL, since a series has its own end; nothing finer than a day, since it has its own time.
PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
FREQUENCIES = ("WEEKLY", "MONTHLY", "YEARLY")
LONGEST = 120


def parse_rule(every: str, on: str) -> str:
    """Return the rule for `week` and `fri`, or for `month` and `last fri`, `2nd tue` or `1,15`; raise Invalid."""
    every = " ".join(every.lower().split())
    match = EVERY.fullmatch(SHORT.get(every, every))
    if not match or not 1 <= int(match[1] or 1) <= MOST_BETWEEN:
        raise Invalid(f'{every!r} is no rhythm; write "week", "2 weeks", "month" or "3 months".')
    days = [" ".join(part.split()) for part in on.lower().split(",") if part.strip()]
    if not days:
        raise Invalid('Say on which days: --on "fri", or for a month --on "last fri", "2nd tue" or "1,15".')
    interval_part = f";INTERVAL={int(match[1])}" if int(match[1] or 1) > 1 else ""
    frequency = "WEEKLY" if match[2] == "week" else "MONTHLY"
    return f"FREQ={frequency}{interval_part};{_weekly(days) if match[2] == 'week' else _monthly(days)}"


def _weekly(days: list[str]) -> str:
    return "BYDAY=" + ",".join(dict.fromkeys(_weekday(day) for day in days))


def _monthly(days: list[str]) -> str:
    if all(day.isdecimal() or day == "last day" for day in days):
        return "BYMONTHDAY=" + ",".join(dict.fromkeys(_month_day(day) for day in days))
    return "BYDAY=" + ",".join(dict.fromkeys(_nth_weekday(day) for day in days))


def _weekday(day: str) -> str:
    if len(day) < 3 or day[:3] not in WEEKDAYS or not _full_name(day[:3]).startswith(day):
        raise Invalid(f"{day!r} is no day of the week; write mon, tue, wed, thu, fri, sat or sun.")
    return WEEKDAYS[day[:3]]


def _full_name(short: str) -> str:
    return {"tue": "tuesday", "wed": "wednesday", "thu": "thursday", "sat": "saturday"}.get(short, f"{short}day")


def _month_day(day: str) -> str:
    if day == "last day":
        return "-1"
    if not 1 <= int(day) <= 31:
        raise Invalid(f"{day} is no day of a month; write 1 to 31, or: last day.")
    return str(int(day))


def _nth_weekday(day: str) -> str:
    which, _space, weekday = day.partition(" ")
    if which not in NTH or not weekday:
        raise Invalid(f'{day!r} is no day of a month; write "last fri", "2nd tue" or days like "1,15", one kind only.')
    return f"{NTH[which]}{_weekday(weekday)}"


def validated_rule(rule: str) -> str:
    """Return a rule in RFC 5545 syntax in upper case and without `RRULE:`; raise Invalid if it is not allowed."""
    rule = rule.strip().upper().removeprefix("RRULE:")
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if not set(parts) <= PARTS or parts.get("FREQ") not in FREQUENCIES or len(rule) > LONGEST:
        raise Invalid(
            f"{rule[:LONGEST]!r} is no rule for meetings; it has FREQ=WEEKLY, MONTHLY or YEARLY and may have "
            "INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST."
        )
    try:
        _rule(rule, date(2000, 1, 1))
    except (ValueError, TypeError, KeyError, IndexError):
        raise Invalid(f"{rule!r} is no rule that can be understood.") from None
    if not 1 <= interval(rule) <= MOST_BETWEEN:
        raise Invalid(f"INTERVAL is 1 to {MOST_BETWEEN}.")
    return rule


def rule_text(rule: str) -> str:
    """Return a rule in words, like `every 2 weeks on fri`, or unchanged if it is too complex for that."""
    parts = dict(part.split("=") for part in rule.split(";"))
    unit = {"WEEKLY": "week", "MONTHLY": "month"}.get(parts.pop("FREQ"))
    count = int(parts.pop("INTERVAL", 1))
    if unit is None or len(parts) != 1 or next(iter(parts)) not in ("BYDAY", "BYMONTHDAY"):
        return rule
    days = ", ".join(map(_day_text, next(iter(parts.values())).split(",")))
    return f"every {unit if count == 1 else f'{count} {unit}s'} on {days}"


def _day_text(day: str) -> str:
    number, letters = day.rstrip("ADEFHMORSTUW"), day.lstrip("+-0123456789")
    if not letters:
        return "last day" if number == "-1" else number
    nth = {str(count): word for word, count in NTH.items() if word[0].isdigit() or count < 0}
    weekday = next(short for short, code in WEEKDAYS.items() if code == letters)
    return f"{nth.get(number.lstrip('+'), number)} {weekday}".strip()


def interval(rule: str) -> int:
    """Return the rule's INTERVAL: 2 for every second week, month or year."""
    match = re.search(r"INTERVAL=(\d+)", rule)
    return int(match[1]) if match else 1


def rhythm(rule: str) -> str:
    """Return a rule's frequency and interval; two rules that share them can count from the same start."""
    return f"{rule.partition(';')[0]};{interval(rule)}"


def opening(rule: str, first: date) -> date:
    """Return the first day of the week, month or year of `first`.

    A rule of which only the days change counts from there, and so keeps the same weeks or months.
    """
    if rule.startswith("FREQ=WEEKLY"):
        return first - timedelta(days=first.weekday())
    return first.replace(day=1) if rule.startswith("FREQ=MONTHLY") else first.replace(month=1, day=1)


def without_gaps(rule: str) -> str:
    """Return the rule without its interval; a new series counts from the first date of that rule."""
    return re.sub(r";?INTERVAL=\d+", "", rule).lstrip(";")


def dates(rule: str, first: date, until: date | None, since: date) -> Iterator[date]:
    """Yield the local dates of a rule from `since` on, counted from `first`, up to `until` or forever."""
    for start in _rule(rule, first).xafter(datetime.combine(max(first, since), time.min), inc=True):
        if until and start.date() > until:
            return
        yield start.date()


def _rule(rule: str, first: date) -> rrule:
    parsed = rrulestr(rule, dtstart=datetime.combine(first, time.min))
    if not isinstance(parsed, rrule):
        raise ValueError("more than one rule")
    return parsed
