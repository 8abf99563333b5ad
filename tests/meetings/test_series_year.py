"""A year of 200 series in four time zones, through every clock change, with restarts in between.

The test works out the expected dates day by day, independently of the service's own calculation.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from smsgate.groups import groups
from smsgate.meetings import occurrences, series
from smsgate.meetings.series import SeriesSettings
from smsgate.models import Meeting, Series
from smsgate.service import Service, wire
from tests.support.people import START, Clock
from tests.support.series import TIMES, WEEKDAYS, ZONES, moment
from tests.support.waiting import PATIENT

DAY = timedelta(days=1)
Meets = Callable[[date], bool]


def kinds(weekday: int, at: time, zone: ZoneInfo) -> list[tuple[str, Meets]]:
    """Return rules, each with a test of whether it meets on a day; every second week counts from the first fit."""
    name = WEEKDAYS[weekday]
    near = [START.date() + DAY * n for n in range(15)]
    first = next(day for day in near if day.weekday() == weekday and moment(day, at, zone) > START)
    return [
        (f"FREQ=WEEKLY;BYDAY={name}", lambda day: day.weekday() == weekday),
        (f"FREQ=WEEKLY;INTERVAL=2;BYDAY={name}", lambda day: (day - first).days % 14 == 0),
        (f"FREQ=MONTHLY;BYDAY=-1{name}", lambda day: day.weekday() == weekday and (day + 7 * DAY).month != day.month),
        (f"FREQ=MONTHLY;BYDAY=2{name}", lambda day: day.weekday() == weekday and 8 <= day.day <= 14),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", lambda day: day.day in (1, 15)),
    ]


@pytest.mark.by_night
def test_a_year_of_dates_in_four_zones(service: Service, clock: Clock) -> None:
    luck = random.Random(7)
    wanted: dict[int | None, tuple[Meets, time, ZoneInfo]] = {}
    with service.database.transaction() as session:
        for zone in ZONES:
            group = groups.create(session, f"In {zone}", zone, clock.time)
            for at in TIMES:
                there = ZoneInfo(zone)
                for rule, meets in kinds(6, at, there) + kinds(luck.randrange(6), at, there):
                    made = series.add_series(session, group, SeriesSettings(rule=rule, at=at, zone=zone), clock.time)
                    wanted[made.id] = (meets, at, there)
    assert len(wanted) == 200
    expected: dict[tuple[int | None, date | None], datetime] = {
        (id_, day): moment(day, at, zone)
        for id_, (meets, at, zone) in wanted.items()
        for day in (START.date() + DAY * n for n in range(500))
        if meets(day)
    }
    end, running = clock.time + timedelta(days=365), service
    while clock.time < end:
        clock.time += timedelta(days=luck.choice((0.1, 1, 2, 5, 9, 20)))
        running.close()
        # A new scheduler for every run, as after a restart.
        running = wire(service.settings, now=clock.now, limits=PATIENT)
        for _twice in range(2):
            with running.database.transaction() as session:
                occurrences.plan_ahead(session, running.now())
    with running.database.reading() as session:
        found = session.scalars(select(Meeting)).all()
        assert session.scalars(select(Series).where(Series.look_at <= clock.time)).all() == []
    real = {(row.series_id, row.series_day): row.starts_at for row in found}
    assert len(real) == len(found)  # no date twice
    assert {key: at for key, at in real.items() if expected.get(key) != at} == {}
    ahead = {key for key, at in expected.items() if START < at <= clock.time + occurrences.AHEAD}
    assert ahead - set(real) == set()
    later = Counter(row.series_id for row in found if row.starts_at > clock.time)
    assert min(later[id_] for id_ in wanted) >= occurrences.AT_LEAST
    running.close()
