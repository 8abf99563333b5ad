"""Meetings in another year are shown with the year, two at the same time cause a warning, past ones are refused."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from smsgate.core.errors import Invalid
from smsgate.core.i18n import go_by, say_when, speaking
from smsgate.meetings import meetings, series
from smsgate.models import Group, Meeting
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock


@pytest.mark.parametrize(
    ("when", "language", "said"),
    [
        (datetime(2026, 12, 31, 23, 0), "en", "Thu 31 Dec 23:00"),
        (datetime(2027, 1, 1, 10, 0), "en", "Fri 1 Jan 2027 10:00"),
        (datetime(2027, 1, 1, 10, 0), "fr", "ven. 1 janv. 2027 10:00"),
        (datetime(2025, 12, 31, 10, 0), "sw", "2025 10:00"),
    ],
)
def test_a_year_is_said_when_it_is_another(when: datetime, language: str, said: str, clock: Clock) -> None:
    go_by(clock.now)
    with speaking(language):
        assert said in say_when(when)


def test_two_at_the_same_minute_are_found(service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        session.add(group)
        assert meetings.doubled_times(session, group, service.now()) == []
        meetings.plan(session, group, datetime(2026, 11, 25, 14, 0), None, service.now())
        assert [f"{at:%d %H:%M}" for at in meetings.doubled_times(session, group, service.now())] == ["25 14:00"]


def test_the_command_warns_of_them(types: Typed, group: Group, meeting: Meeting) -> None:
    assert "two meetings" not in types("meeting", "add", "4521", "2026-11-26 14:00")
    assert "Tumaini has two meetings on 2026-11-26 at 14:00" in types("meeting", "add", "4521", "2026-11-26 14:00")
    assert "two meetings on 2026-11-25 at 14:00" in types("meeting", "move", "2", "2026-11-25 14:00")


@pytest.mark.parametrize(("day", "at"), [(date(2026, 11, 23), time(8)), (date(2026, 11, 16), time(15))])
def test_a_series_whose_first_time_is_over_is_refused(day: date, at: time, service: Service, group: Group) -> None:
    shape = series.SeriesSettings(rule="FREQ=WEEKLY;BYDAY=MO", at=at, zone="Africa/Nairobi", first=day)
    with service.database.transaction() as session:
        session.add(group)
        with pytest.raises(Invalid, match="in the past"):
            series.add_series(session, group, shape, service.now())


def test_whatever_is_planned_at_a_time_that_was_over_is_refused(types: Typed, group: Group, meeting: Meeting) -> None:
    for command in (("meeting", "add", "4521"), ("meeting", "move", "1")):
        assert "in the past" in types(*command, "2026-11-23 08:00", refused=True)
