"""Recurrence rules as form fields and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from babel.dates import get_day_names

from smsgate.core.i18n import language_now
from smsgate.meetings import recurrence
from smsgate.web.console.text import _, ngettext

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEEP = "keep"
EVERY = ("week", "2 weeks", "3 weeks", "4 weeks", "month", "2 months", "3 months", "6 months")
NTH = ("1st", "2nd", "3rd", "4th", "last")
MONTH_DAYS = re.compile(r"(?:[1-9]|[12]\d|3[01])(?: *, *(?:[1-9]|[12]\d|3[01]))*", re.ASCII)


@dataclass
class Rhythm:
    """A rule as form fields; `every` is KEEP for a rule that the fields cannot express."""

    every: str = "week"
    days: list[str] = field(default_factory=list)
    nth: str = "1st"
    month_days: str = ""


def split_rule(rule: str) -> Rhythm:
    """Split a rule into form fields."""
    every, _on, said = recurrence.rule_text(rule).removeprefix("every ").partition(" on ")
    parts = [part.split() for part in said.split(", ")]
    if every in EVERY and every.endswith(("week", "weeks")):
        return Rhythm(every, [part[0] for part in parts])
    if every in EVERY and MONTH_DAYS.fullmatch(said):
        return Rhythm(every, month_days=said)
    nths = {part[0] for part in parts if part}
    if every in EVERY and len(nths) == 1 and nths <= set(NTH) and all(len(part) == 2 for part in parts):
        return Rhythm(every, [part[1] for part in parts], nths.pop())
    return Rhythm(KEEP)


def build_rule(rhythm: Rhythm) -> str:
    """Build the rule that the fields express. Raise Invalid if no day is named."""
    if "month" not in rhythm.every:
        return recurrence.parse_rule(rhythm.every, ",".join(rhythm.days))
    named = rhythm.month_days or ",".join(f"{rhythm.nth} {day}" for day in rhythm.days)
    return recurrence.parse_rule(rhythm.every, named)


def every_choices() -> list[tuple[str, str]]:
    """Return the intervals to choose from, as (value, label) pairs."""
    return [(one, _every(int(one.split()[0]) if " " in one else 1, "month" in one)) for one in EVERY]


def _every(count: int, months: bool) -> str:
    if months:
        return ngettext("every month", "every {count} months", count).format(count=count)
    return ngettext("every week", "every {count} weeks", count).format(count=count)


def day_choices() -> list[tuple[str, str]]:
    """Return the days of the week as (value, label) pairs, in the language of this request."""
    names = get_day_names("wide", locale=language_now())
    return [(day, names[number]) for number, day in enumerate(DAYS)]


def short_day_choices() -> list[tuple[str, str]]:
    """Return the days of the week with abbreviated names, which fit into one row."""
    names = get_day_names("abbreviated", locale=language_now())
    return [(day, names[number]) for number, day in enumerate(DAYS)]


def nth_choices() -> list[tuple[str, str]]:
    """Return the weeks of a month as (value, label) pairs."""
    said = {"1st": _("the first"), "2nd": _("the second"), "3rd": _("the third"), "4th": _("the fourth")}
    return [*said.items(), ("last", _("the last"))]


def describe_rule(rule: str) -> str:
    """Describe a rule, as in `every 2 weeks: Friday`; rules that the form cannot express stay in their own notation."""
    parts = split_rule(rule)
    if parts.every == KEEP:
        return recurrence.rule_text(rule)
    names, which = dict(day_choices()), dict(nth_choices())
    days = [names[day] for day in parts.days]
    if "month" in parts.every:
        nth = _("{which} {day}")  # the last Friday
        days = [nth.format(which=which[parts.nth], day=day) for day in days] or [parts.month_days]
    return f"{dict(every_choices())[parts.every]}: {', '.join(days)}"
