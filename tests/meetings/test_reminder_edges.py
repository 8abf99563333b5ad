"""Reminder times of groups and members: edge cases that the year of weekly groups does not reach."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smsgate.flows import reminder_times
from smsgate.groups import groups
from smsgate.meetings import meetings, reminders
from smsgate.members import preferences
from smsgate.models import Group, Meeting, Member, Message, MessageKind, MessageStatus
from smsgate.outbox import quiet_hours
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock, passes, work

NAIROBI = ZoneInfo("Africa/Nairobi")
CODE = "*384*77#"


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


@pytest.fixture
def group(outbox: Outbox) -> Group:
    return outbox.group()


@pytest.fixture
def member(outbox: Outbox, group: Group) -> Member:
    return outbox.member(group)


def at(clock: Clock, *local: int) -> None:
    """Set the clock to this local time in Nairobi."""
    clock.time = datetime(*local, tzinfo=NAIROBI).astimezone(UTC)  # type: ignore[misc, arg-type]


def plans(service: Service, group: Group, *local: int) -> Meeting:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        return meetings.plan(session, found, datetime(*local), None, service.now())  # type: ignore[arg-type]


def has(service: Service, group: Group, typed: str) -> None:
    with service.database.transaction() as session:
        groups.set_reminder_times(
            session, session.get_one(Group, group.id), reminder_times.read(typed) if typed else "", service.now()
        )


def wants(service: Service, member: Member, group: Group, typed: str | None) -> None:
    with service.database.transaction() as session:
        times = reminder_times.read(typed) if typed else typed
        assert preferences.set_reminders(session, session.get_one(Member, member.id), group.id, times, service.now())


def sleeps(service: Service, group: Group, start: time = time(21), end: time = time(7)) -> None:
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), (start, end), service.now())


def came(service: Service) -> list[str]:
    """Return when reminders were sent, in local time and in order."""
    with service.database.reading() as session:
        sent = select(Message.sent_at).where(Message.kind == MessageKind.REMINDER, Message.sent_at.is_not(None))
        return [f"{one.astimezone(NAIROBI):%a %H:%M}" for one in session.scalars(sent.order_by(Message.id)) if one]


def states(service: Service) -> list[MessageStatus]:
    with service.database.reading() as session:
        return list(
            session.scalars(select(Message.state).where(Message.kind == MessageKind.REMINDER).order_by(Message.id))
        )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param("4h 3h 2h 1h", ["Wed 10:00", "Wed 11:00", "Wed 12:00", "Wed 13:00"], id="four in a row"),
        pytest.param("25h 1d", ["Tue 13:00", "Tue 14:00"], id="around a day"),
        pytest.param("24h 1d", ["Tue 14:00"], id="the same twice"),
        pytest.param("2d 1d 1h", ["Mon 14:00", "Tue 14:00", "Wed 13:00"], id="days and an hour"),
    ],
)
def test_each_of_several_comes_at_its_time(
    times: str, expected: list[str], group: Group, member: Member, service: Service, clock: Clock
) -> None:
    has(service, group, times)
    plans(service, group, 2026, 11, 25, 14, 0)
    for hour in (13.5, 14, 36.5, 37, 37.5, 38, 57.5, 58, 59, 59.5, 60, 61, 61.5):  # since midnight on Monday
        clock.time = datetime(2026, 11, 23, tzinfo=NAIROBI) + timedelta(hours=hour)
        passes(service, clock)
    assert came(service) == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param((12, 20), ["Wed 12:20"], id="the first one is still worth it"),
        pytest.param((12, 40), ["Wed 13:00"], id="the second one is near"),
        pytest.param((13, 10), ["Wed 13:10"], id="both are due: one text"),
        pytest.param((14, 0), [], id="it has begun"),
    ],
)
def test_when_the_clock_was_down_one_text_is_enough(
    until: tuple[int, int], expected: list[str], group: Group, member: Member, service: Service, clock: Clock
) -> None:
    has(service, group, "2h 1h")
    plans(service, group, 2026, 11, 25, 14, 0)
    at(clock, 2026, 11, 25, 11, 0)
    passes(service, clock)
    at(clock, 2026, 11, 25, *until)
    passes(service, clock)
    if not expected or expected == ["Wed 13:00"]:
        assert came(service) == []
        for _round in range(3):
            passes(service, clock, minutes=20)
    assert came(service)[:1] == expected


def test_what_falls_together_in_the_evening_is_one_text(
    group: Group, member: Member, service: Service, clock: Clock
) -> None:
    sleeps(service, group)
    has(service, group, "11h 3h 1h")
    plans(service, group, 2026, 11, 25, 7, 30)  # 20:30, 4:30 and 6:30: the night begins at 21:00
    at(clock, 2026, 11, 24, 19, 50)
    for minutes in (0, 10, 10, 20, 29, 1, 450, 120, 30, 30):
        passes(service, clock, minutes=minutes)
    assert came(service) == ["Tue 20:00"]


@pytest.mark.parametrize("who", ["the member", "the group"])
def test_a_reminder_that_waits_for_the_morning_is_withdrawn_when_other_times_are_chosen(
    who: str, group: Group, member: Member, service: Service, clock: Clock
) -> None:
    sleeps(service, group)
    plans(service, group, 2026, 11, 25, 22, 30)
    at(clock, 2026, 11, 24, 22, 30)
    passes(service, clock)
    assert states(service) == [MessageStatus.WAITING]
    if who == "the member":
        wants(service, member, group, "2h")
    else:
        has(service, group, "2h")
    at(clock, 2026, 11, 25, 7, 30)
    passes(service, clock)
    assert states(service) == [MessageStatus.WITHDRAWN]
    at(clock, 2026, 11, 25, 20, 30)
    passes(service, clock)
    assert came(service) == ["Wed 20:30"]


def test_a_reminder_that_waits_stays_queued_when_only_others_are_chosen_beside_it(
    group: Group, member: Member, service: Service, clock: Clock
) -> None:
    sleeps(service, group)
    plans(service, group, 2026, 11, 25, 22, 30)
    at(clock, 2026, 11, 24, 22, 30)
    passes(service, clock)
    wants(service, member, group, "11d 1d 12h")  # 1d is a substring of 11d
    at(clock, 2026, 11, 25, 7, 30)
    passes(service, clock)
    assert came(service) == ["Wed 07:30"]


def test_eleven_days_are_not_one_day(group: Group, member: Member, service: Service, clock: Clock) -> None:
    sleeps(service, group)
    plans(service, group, 2026, 11, 25, 22, 30)
    at(clock, 2026, 11, 24, 22, 30)
    passes(service, clock)
    wants(service, member, group, "11d")
    at(clock, 2026, 11, 25, 7, 30)
    passes(service, clock)
    assert states(service) == [MessageStatus.WITHDRAWN]


def test_no_choice_brings_the_same_reminder_twice(group: Group, member: Member, service: Service, clock: Clock) -> None:
    plans(service, group, 2026, 11, 25, 14, 0)
    at(clock, 2026, 11, 24, 14, 0)
    passes(service, clock)
    for typed in ("1d", "", None, "3d 1d", "24h", "5h 1d"):
        wants(service, member, group, typed)
        passes(service, clock, minutes=1)
    assert came(service) == ["Tue 14:00"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has only one writer at a time
def test_a_choice_made_while_the_clock_looks_is_not_lost(
    group: Group, member: Member, service: Service, clock: Clock
) -> None:
    meeting = plans(service, group, 2026, 11, 25, 14, 0)
    at(clock, 2026, 11, 24, 14, 0)
    with service.database.transaction() as session:
        reminders.queue_due_reminders(session, service.now(), CODE)
        chooses = threading.Thread(target=wants, args=(service, member, group, "1d 5h"))
        chooses.start()
        chooses.join(0.5)
    chooses.join()
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).look_at is None
    work(service)
    at(clock, 2026, 11, 25, 9, 0)
    passes(service, clock)
    assert came(service) == ["Tue 14:00", "Wed 09:00"]


# Around the clock changes in Toronto and on Lord Howe Island (by half an hour), and at other times.
STARTS = st.one_of(
    st.datetimes(datetime(2027, 3, 13), datetime(2027, 3, 16)),
    st.datetimes(datetime(2027, 4, 3), datetime(2027, 4, 6)),
    st.datetimes(datetime(2027, 10, 2), datetime(2027, 10, 5)),
    st.datetimes(datetime(2027, 11, 6), datetime(2027, 11, 9)),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
)
BEFORE = st.one_of(st.integers(1, 14).map("{}d".format), st.integers(1, 50).map("{}h".format))
NIGHTS = st.sampled_from([None, (time(21), time(7)), (time(23, 30), time(5)), (time(1), time(9)), (time(13), time(15))])


@settings(deadline=None, max_examples=300)
@given(
    STARTS, st.lists(BEFORE, min_size=1, max_size=4), NIGHTS,
    st.sampled_from(["Africa/Nairobi", "America/Toronto", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_windows_are_by_day_apart_and_over_before_the_meeting(
    start: datetime, typed: list[str], night: tuple[time, time] | None, zone: str
) -> None:
    between = night or (None, None)
    group = Group(name="Elsewhere", zone=zone, quiet_from=between[0], quiet_until=between[1])
    meeting = Meeting(starts_at=start.replace(tzinfo=UTC), group=group)
    times = reminder_times.read(" ".join(typed))
    hours = quiet_hours.hours_for(group)
    found = sorted(one for one in reminders.windows(meeting, times).values() if one.due < one.expires)
    for one in found:
        assert one.expires <= meeting.starts_at
        over = hours.over(one.due) if hours else None
        assert over is None or over + quiet_hours.RELEASE_SPREAD < one.expires  # sent in the morning, in time
    for one, after in pairwise(found):
        assert one.expires + timedelta(minutes=30) <= after.due
    assert found, "none is left"
    if hours is None:
        assert (
            len(found) >= len(set(reminder_times.each(times))) - 1
        )  # on a day with 25 hours, 25 hours and one day are the same
