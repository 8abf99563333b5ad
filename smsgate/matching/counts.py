"""Monthly counts for a programme, made as things happen: no count leads to a person, so people's rows can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.core import privacy
from smsgate.core.database import insert_new
from smsgate.models import Ending, MatchCount, Programme


class Count(StrEnum):
    """What is counted."""

    ASKED = "asked"  # people who asked for a supporter
    BEGAN = "began"  # matches that began
    WAITED = "waited"  # total days waited until those began
    PEOPLE = "people"  # people who met their supporter in the month
    PEOPLE_OF_YEAR = "people_of_year"  # those who did for the first time in the calendar year
    MEETINGS = "meetings"
    MINUTES = "minutes"
    ENDED = "ended"  # stored with the ending: `ended_finished`
    SAID = "said"  # stored with the question and the answer: `said_heard_yes`


def add(session: Session, programme: Programme, what: Count, now: datetime, number: int = 1, more: str = "") -> None:
    """Add `number` to this month's count; `more` is appended to its name, such as the ending of a match."""
    name = f"{what}_{more}" if more else what.value
    month = f"{now.astimezone(ZoneInfo(programme.zone)):%Y-%m}"
    row = {"programme_id": programme.id, "month": month, "what": name}
    session.execute(insert_new(session, MatchCount).values(**row, number=0))
    same = [getattr(MatchCount, key) == value for key, value in row.items()]
    session.execute(update(MatchCount).where(*same).values(number=MatchCount.number + number))


@dataclass(frozen=True)
class Period:
    """The counts of a month (`2026-11`) or a year (`2026`); None where a small number is hidden."""

    name: str
    people: int | None
    meetings: int | None
    hours: int | None
    asked: int | None
    began: int | None
    days_waited: int | None  # on average, by those whose match began
    endings: Mapping[Ending, int | None]


def periods(session: Session, programme: Programme) -> list[Period]:
    """Return all months, newest first, each year's total coming before its months."""
    rows = select(MatchCount).where(MatchCount.programme_id == programme.id)
    months: dict[str, dict[str, int]] = {}
    for row in session.scalars(rows):
        months.setdefault(row.month, {})[row.what] = row.number
    made = []
    for year in sorted({month[:4] for month in months}, reverse=True):
        within = {month: months[month] for month in sorted(months, reverse=True) if month.startswith(year)}
        shown = [_period(month, counted, Count.PEOPLE) for month, counted in within.items()]
        total: dict[str, int] = {}
        for counted in within.values():
            for what, number in counted.items():
                total[what] = total.get(what, 0) + number
        made += [_less_what_tells(_period(year, total, Count.PEOPLE_OF_YEAR), shown), *shown]
    return made


def _period(name: str, counted: Mapping[str, int], people: Count) -> Period:
    walked, began = counted.get(people, 0), counted.get(Count.BEGAN, 0)
    few_walked = 0 < walked < privacy.FEW
    return Period(
        name,
        people=_shown(walked),
        meetings=None if few_walked else counted.get(Count.MEETINGS, 0),
        hours=None if few_walked else round(counted.get(Count.MINUTES, 0) / 60),
        asked=_shown(counted.get(Count.ASKED, 0)),
        began=_shown(began),
        days_waited=round(counted.get(Count.WAITED, 0) / began) if began >= privacy.FEW else None,
        endings={ending: _shown(counted.get(f"{Count.ENDED}_{ending}", 0)) for ending in Ending},
    )


def _shown(count: int) -> int | None:
    return None if count and privacy.is_few(count) else count


def _less_what_tells(year: Period, months: list[Period]) -> Period:
    """Hide each sum from which a single hidden month could be worked out."""

    def told(sum_: int | None, parts: list[int | None]) -> int | None:
        return None if parts.count(None) == 1 else sum_

    names = ("meetings", "hours", "asked", "began")
    sums = {name: told(getattr(year, name), [getattr(month, name) for month in months]) for name in names}
    endings = {one: told(year.endings[one], [month.endings[one] for month in months]) for one in Ending}
    return Period(year.name, people=year.people, days_waited=year.days_waited, endings=endings, **sums)
