"""Series: weekly, fortnightly and monthly groups, one-to-one meetings, and what changes do to their dates."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from smsgate.core.errors import Invalid
from smsgate.groups import groups
from smsgate.meetings import occurrences, recurrence, series
from smsgate.meetings.news import ChangeType
from smsgate.meetings.series import SeriesSettings
from smsgate.models import Group, Meeting, Message, MessageStatus, Reply, RsvpStatus, Series
from smsgate.service import Service, wire
from smsgate.workers import scheduler
from tests.support.command_line import Typed
from tests.support.people import Clock, Phone, passes
from tests.support.series import CODE, FRIDAYS, begins, by_hand, changes, rows
from tests.support.stories import joins
from tests.support.waiting import PATIENT


def stand(service: Service, one: Series) -> list[datetime]:
    """Return when the dates that are not cancelled begin, in UTC."""
    return [row.starts_at for row in rows(service, one).values() if row.cancelled_at is None]


def stands_on(service: Service, one: Series) -> dict[date, datetime]:
    return {day: row.starts_at for day, row in rows(service, one).items() if row.cancelled_at is None}


def answers(service: Service, meeting: Meeting) -> list[RsvpStatus]:
    with service.database.reading() as session:
        return list(session.scalars(select(Reply.coming).where(Reply.meeting_id == meeting.id)))


NOV_27, DEC_4, DEC_11, DEC_18 = date(2026, 11, 27), date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 18)


def test_a_weekly_group_is_read_answered_and_reminded_of(
    amina: Phone, group: Group, service: Service, types: Typed, time_passes: Callable[..., None]
) -> None:  # fmt: skip
    """As in the Hearing Voices groups: weekly, open, in a hall."""
    joins(amina)
    said = types("series", "add", "4521", "--every", "week", "--on", "fri", "--at", "15:00", "--place", "Hall",
                 "--length", "90", "--topic", "Open talk")  # fmt: skip
    assert "Series 1: every week on fri at 15:00 in Africa/Nairobi. The first: Fri 2026-11-27 15:00." in said
    amina.hears_nothing_new()
    amina.dials(None, "2")
    amina.sees("1 Fri 27 Nov 15:00 Tumaini", "2 Fri 4 Dec 15:00 Tumaini")
    amina.types("1")
    amina.sees("Open talk", "Hall", "90 minutes")
    amina.types("1")
    assert "Fri 27 Nov 15:00" in amina.texts("NEXT")
    time_passes(days=3, hours=7)
    amina.hears("Reminder: Fri 27 Nov 15:00")
    assert re.search(r"2026-11-27.*fewer than 5", types("series", "show", "1"))


def test_a_fortnightly_group_changes_its_day_and_its_time_in_one_text(
    amina: Phone, juma: Phone, group: Group, service: Service, types: Typed
) -> None:
    joins(amina)
    joins(juma, "Juma")
    types("series", "add", "4521", "--every", "2 weeks", "--on", "sat", "--at", "10:00", "--from", "2026-12-05")
    juma.dials(None, "6")
    juma.picks("Discretion" if "Discretion" in juma.handset.screen else "Private texts", "Off")
    said = types("series", "change", "1", "--on", "wed", "--at", "17:30")
    assert "every 2 weeks on wed at 17:30" in said
    assert re.search(r"Dates: \d cancelled, \d new\. 2 people told at once\.", said)
    amina.hears("Cancelled: Sat 5 Dec 10:00 and 3 more. Next: Wed 2 Dec 17:30. More: dial *384*77#")
    juma.hears("Tumaini: Cancelled: Sat 5 Dec 10:00 and 3 more. Next: Wed 2 Dec 17:30.")
    assert len([text for text in amina.inbox if "Cancelled" in text]) == 1


@pytest.mark.parametrize(
    ("on", "first"),
    [
        ("last fri", ["11-27", "12-25", "01-29"]),
        ("2nd tue", ["12-08", "01-12", "02-09"]),
        ("1,15", ["12-01", "12-15", "01-01", "01-15"]),
        ("31", ["12-31", "01-31", "03-31"]),
        ("last day", ["11-30", "12-31", "01-31"]),
    ],
)
def test_a_monthly_group(on: str, first: list[str], group: Group, service: Service, types: Typed) -> None:
    """As in the Nairobi group: once a month, however the volunteers count it; at least three dates are planned."""
    types("series", "add", "4521", "--every", "month", "--on", on, "--at", "14:00")
    shown = types("series", "show", "1")
    assert re.findall(r"\d{4}-(\d\d-\d\d)", shown.split("\n", 1)[1])[: len(first)] == first


@pytest.fixture
def new_tzdata(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Yield a function after which a new release of tzdata says that Nairobi is an hour ahead of what it was."""

    def published() -> None:
        rules = files("tzdata").joinpath("zoneinfo/Asia/Dubai").read_bytes()
        (tmp_path / "Africa").mkdir()
        (tmp_path / "Africa/Nairobi").write_bytes(rules)
        zoneinfo.reset_tzpath([str(tmp_path)])
        ZoneInfo.clear_cache()

    yield published
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


def test_a_group_keeps_its_hour_when_its_country_changes_the_rules(
    amina: Phone, group: Group, service: Service, clock: Clock, new_tzdata: Callable[[], None],
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    joins(amina)
    one = begins(service, group)
    by_hand(service, rows(service, one)[DEC_11], datetime(2026, 12, 11, 16))
    amina.reads()
    amina.dials(None, "2")
    amina.sees("Fri 27 Nov 15:00", "Fri 4 Dec 15:00")
    new_tzdata()
    scheduler.begin(service)
    scheduler.run_scheduled_tasks(service, forgetting=False)
    amina.dials(None, "2")
    amina.sees("Fri 27 Nov 15:00", "Fri 4 Dec 15:00")
    amina.hears_nothing_new()
    assert {start.hour for day, start in stands_on(service, one).items() if day != DEC_11} == {11}
    assert stands_on(service, one)[DEC_11].hour == 13  # its moment is all that is known
    time_passes(days=3, hours=7)
    amina.hears("Reminder: Fri 27 Nov 15:00")


def test_two_who_meet_weekly_keep_their_hour_when_the_clocks_change(service: Service, clock: Clock) -> None:
    """As in one-to-one meetings in Ontario: an hour each week for up to a year."""
    clock.time = datetime(2027, 2, 20, 12, 0, tzinfo=UTC)
    with service.database.transaction() as session:
        pair = groups.create(session, "Us two", "America/Toronto", service.now())
    shape = SeriesSettings(rule="FREQ=WEEKLY;BYDAY=TU", at=time(14), zone="America/Toronto", until=date(2028, 2, 20))
    one = begins(service, pair, shape)
    for _week in range(54):
        clock.time += timedelta(days=7)
        scheduler.run_scheduled_tasks(service, forgetting=False)
    made = rows(service, one)
    assert len(made) == 52
    zone = ZoneInfo("America/Toronto")
    assert {row.starts_at.astimezone(zone).strftime("%a %H:%M") for row in made.values()} == {"Tue 14:00"}
    assert {row.starts_at.hour for row in made.values()} == {18, 19}


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("America/Toronto", datetime(2027, 3, 14, 2, 30), datetime(2027, 3, 14, 7, 0, tzinfo=UTC)),  # skipped: 3:00
        ("America/Toronto", datetime(2027, 11, 7, 1, 30), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),  # twice: the first
        ("Europe/Paris", datetime(2027, 3, 28, 2, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("Europe/Paris", datetime(2027, 10, 31, 2, 59), datetime(2027, 10, 31, 0, 59, tzinfo=UTC)),
        ("America/Santiago", datetime(2027, 9, 5, 0, 15), datetime(2027, 9, 5, 4, 0, tzinfo=UTC)),
        ("Africa/Nairobi", datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 27, 23, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_not_there_or_twice(zone: str, local: datetime, utc: datetime) -> None:
    assert occurrences.starts_at(local.replace(tzinfo=ZoneInfo(zone))) == utc


def test_a_change_keeps_replies_moves_what_moved_and_leaves_alone_what_was_done_by_hand(
    amina: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    one = begins(service, group)
    made = rows(service, one)
    amina.dials(None, "2", "1", "1")
    by_hand(service, made[DEC_4], datetime(2026, 12, 3, 18, 0))
    by_hand(service, made[DEC_11], None)
    before = len(amina.reads())
    done = changes(service, one, at=time(16))
    after = rows(service, one)
    assert answers(service, after[NOV_27]) == [RsvpStatus.YES]
    assert {day: row.id for day, row in after.items()} == {day: row.id for day, row in made.items()}
    local = {day: meetings_local(row) for day, row in after.items()}
    assert local[NOV_27] == "2026-11-27 16:00"
    assert local[DEC_4] == "2026-12-03 18:00"
    assert after[DEC_11].cancelled_at is not None
    assert done.what == {ChangeType.MOVED: len(made) - 2}
    (said,) = amina.reads()[before:]
    assert said == f"Changed: Fri 27 Nov 15:00 and {len(made) - 3} more. Next: Fri 27 Nov 16:00. More: dial {CODE}"
    changes(service, one, at=time(16))  # no change
    amina.hears_nothing_new()


def meetings_local(row: Meeting) -> str:
    return row.starts_at.astimezone(ZoneInfo("Africa/Nairobi")).strftime("%Y-%m-%d %H:%M")


def test_one_date_that_changed_is_told_by_itself(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    shape = replace(FRIDAYS, until=DEC_4)
    one = begins(service, group, shape)
    changes(service, one, until=NOV_27)
    amina.hears("Cancelled: Fri 4 Dec 15:00. Next: Fri 27 Nov 15:00.")
    changes(service, one, at=time(17))
    amina.hears("Changed: Fri 27 Nov 15:00 is now Fri 27 Nov 17:00. More: dial *384*77#")
    changes(service, one, until=DEC_4)
    amina.hears("It is on after all: Fri 4 Dec 17:00.")
    changes(service, one, place="Library")
    amina.hears("New place: Fri 27 Nov 17:00 and 1 more. More: dial *384*77#")


def test_a_series_goes_from_weekly_to_monthly_and_back(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    one = begins(service, group)
    made = rows(service, one)
    amina.dials(None, "2", "1", "1")
    changes(service, one, rule="FREQ=MONTHLY;BYDAY=-1FR")
    amina.hears("Cancelled: Fri 4 Dec 15:00 and")
    assert stand(service, one)[:2] == [made[NOV_27].starts_at, made[date(2026, 12, 25)].starts_at]
    changes(service, one, rule="FREQ=WEEKLY;BYDAY=FR")
    amina.hears("It is on after all: Fri 4 Dec 15:00 and")
    after = rows(service, one)
    assert [after[day].id for day in made] == [row.id for row in made.values()]
    assert answers(service, after[NOV_27]) == [RsvpStatus.YES]
    assert {after[day].cancelled_at for day in made} == {None}


def test_who_does_not_come_hears_only_what_may_suit_them(
    amina: Phone, juma: Phone, group: Group, service: Service, types: Typed
) -> None:
    for person, name in ((amina, "Amina"), (juma, "Juma")):
        joins(person, name)
    one = begins(service, group, replace(FRIDAYS, until=NOV_27))
    meeting = rows(service, one)[NOV_27]
    amina.dials(None, "2", "1", "1")
    juma.dials(None, "2", "1", "2")
    assert "1 person told at once" in types("meeting", "change", str(meeting.id), "--place", "Library")
    amina.hears("New place: Fri 27 Nov 15:00. More: dial *384*77#")
    juma.hears_nothing_new()
    amina.dials(None, "2", "1")
    amina.sees("Library")
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = False
    types("meeting", "change", str(meeting.id), "--place", "Park")
    amina.hears("New place: Fri 27 Nov 15:00. Please ask where.")
    changes(service, one, at=time(16))
    juma.hears("is now Fri 27 Nov 16:00")
    types("series", "end", str(one.id))
    amina.hears("Cancelled: Fri 27 Nov 16:00. More")
    juma.hears("is now")


def test_nothing_is_told_of_what_is_over_and_nothing_moves_into_the_past(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    one = begins(service, group, replace(FRIDAYS, until=DEC_4))
    clock.time = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)  # half past two in Nairobi: it begins in half an hour
    changes(service, one, at=time(10))
    assert [meetings_local(row) for row in rows(service, one).values()] == ["2026-11-27 15:00", "2026-12-04 10:00"]
    amina.hears("Changed: Fri 4 Dec 15:00 is now Fri 4 Dec 10:00.")
    clock.time += timedelta(hours=4)
    with service.database.transaction() as session:
        series.end_series(session, session.get_one(Series, one.id), service.now(), CODE)
    amina.hears("Cancelled: Fri 4 Dec 10:00. More: dial *384*77#")
    assert rows(service, one)[NOV_27].cancelled_at is None
    with pytest.raises(Invalid, match="ended"):
        changes(service, one, at=time(11))


def test_a_place_that_changed_is_what_a_reminder_says_that_was_held(
    amina: Phone, group: Group, service: Service, clock: Clock, types: Typed
) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("Discretion" if "Discretion" in amina.handset.screen else "Private texts", "Off")
    one = begins(service, group, replace(FRIDAYS, until=NOV_27))
    clock.time = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    scheduler.run_scheduled_tasks(service)  # queued; no worker ran yet
    types("meeting", "change", str(rows(service, one)[NOV_27].id), "--place", "Library")
    passes(service, clock, minutes=1)
    assert [text for text in amina.reads() if "Hall" in text] == []
    assert len([text for text in amina.inbox if text.startswith("Tumaini: Fri 27 Nov 15:00 Library")]) == 1


def test_a_date_far_ahead_is_skipped_and_stays_so(
    amina: Phone, group: Group, service: Service, types: Typed, clock: Clock
) -> None:
    joins(amina)
    one = begins(service, group)
    assert "No meeting on 2027-12-24. 1 person told." in types("series", "skip", "1", "2027-12-24")
    amina.hears("Cancelled: Fri 24 Dec 2027 15:00.")
    changes(service, one, at=time(16))
    clock.time = datetime(2027, 12, 20, 9, 0, tzinfo=UTC)
    passes(service, clock)
    assert [moment.day for moment in stand(service, one) if moment.year == 2027 and moment.month == 12] == [31]
    assert "does not meet on 2028-01-05" in types("series", "skip", "1", "2028-01-05", refused=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "--at", "15:00"), "would never meet"),
        (("--on", "fri", "--at", "15:00", "--until", "2026-11-26"), "would never meet"),
        (("--on", "fri", "--at", "15:00", "--from", "2026-11-20"), "in the past"),
        (("--on", "fri", "--at", "15:00", "--from", "9999-12-31"), "within two years"),
        (("--on", "fri", "--at", "25:00"), "isn't a time of day"),
        (("--on", "fri"), "at what time"),
        (("--on", "fri", "--at", "15:00", "--zone", "Africa/Atlantis"), "no time zone"),
        (("--on", "friyay", "--at", "15:00"), "no day of the week"),
        (("--at", "15:00"), "which days"),
        (("--every", "day", "--on", "1", "--at", "15:00"), "no rhythm"),
        (("--every", "0 weeks", "--on", "fri", "--at", "15:00"), "no rhythm"),
        (("--every", "month", "--on", "32", "--at", "15:00"), "no day of a month"),
        (("--every", "month", "--on", "fri", "--at", "15:00"), "no day of a month"),
        (("--every", "month", "--on", "1,last fri", "--at", "15:00"), "no day of a month"),
        (("--rule", "FREQ=DAILY", "--at", "15:00"), "no rule for meetings"),
        (("--rule", "FREQ=WEEKLY;COUNT=3", "--at", "15:00"), "no rule for meetings"),
        (("--rule", "FREQ=WEEKLY;BYDAY=XX", "--at", "15:00"), "no rule that can be"),
        (("--rule", "FREQ=WEEKLY", "--on", "fri", "--at", "15:00"), "--rule alone"),
        (("--on", "fri", "--at", "15:00", "--length", "0"), "5 minutes to 24 hours"),
        (("--on", "fri", "--at", "15:00", "--place", "x" * 41), "at most 40"),
        (("--on", "fri", "--at", "15:00", "--topic", "x" * 41), "at most 40"),
        (("--on", "fri", "--at", "15:00", "--until", "soon"), "isn't a day"),
    ],
)
def test_a_series_that_cannot_be(words: tuple[str, ...], said: str, types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    service = amina.service
    assert said in types("series", "add", "4521", *words, refused=True)
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Series)) == 0
    one = begins(service, group)
    before = [(row.starts_at, row.cancelled_at) for row in rows(service, one).values()]
    if said not in ("at what time", "which days"):
        assert said.removeprefix("would ") in types("series", "change", str(one.id), *words, refused=True)
    assert [(row.starts_at, row.cancelled_at) for row in rows(service, one).values()] == before
    amina.hears_nothing_new()


def test_numbers_that_are_of_nothing(types: Typed, group: Group) -> None:
    for words in (("show", "7"), ("change", "7", "--at", "15:00"), ("end", "7"), ("skip", "7", "2026-12-25")):
        assert "no series 7" in types("series", *words, refused=True)
    assert "No group" in types("series", "add", "99", "--on", "fri", "--at", "15:00", refused=True)


@pytest.mark.parametrize(
    ("every", "on", "said"),
    [
        ("week", "fri", "every week on fri"),
        ("Every 2 weeks", "Monday, thu", "every 2 weeks on mon, thu"),
        ("fortnightly", "sat", "every 2 weeks on sat"),
        ("3 months", "Last Friday", "every 3 months on last fri"),
        ("month", "2nd tue,4th tue", "every month on 2nd tue, 4th tue"),
        ("monthly", "1, 15", "every month on 1, 15"),
    ],
)
def test_what_a_volunteer_writes_is_what_they_read(every: str, on: str, said: str) -> None:
    rule = recurrence.parse_rule(every, on)
    assert recurrence.rule_text(rule) == said
    assert recurrence.parse_rule(*said.removeprefix("every ").split(" on ")) == recurrence.validated_rule(rule) == rule


def test_two_clocks_make_each_date_once(service: Service, group: Group, clock: Clock) -> None:
    made = [begins(service, group, replace(FRIDAYS, at=time(hour))) for hour in range(8, 20)]
    clock.time += timedelta(days=40)
    others = [service, *(wire(service.settings, now=clock.now, limits=PATIENT) for _ in range(2))]
    start = Barrier(len(others))

    def rounds(mine: Service) -> None:
        start.wait()
        for _ in range(3):
            with mine.database.transaction() as session:
                occurrences.plan_ahead(session, mine.now())

    threads = [Thread(target=rounds, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in made:
        days = list(rows(service, one))
        assert days == [NOV_27 + timedelta(weeks=n) for n in range(len(days))]
        assert days[-1] >= date(2027, 2, 26)
    for other in others[1:]:
        other.close()


def test_news_waits_for_the_morning_once(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    joins(amina)
    one = begins(service, group)
    clock.time = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    changes(service, one, at=time(16))
    amina.hears_nothing_new()
    passes(service, clock, hours=10)
    amina.hears("Changed: Fri 27 Nov 15:00 and")
    with service.database.reading() as session:
        sent = session.scalars(select(Message).where(Message.key.startswith("series:"))).all()
    assert [one.state for one in sent] == [MessageStatus.SENT]


def test_people_take_turns_to_lead(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service, types: Typed, clock: Clock
) -> None:
    for person, name in ((amina, "Amina"), (juma, "Juma"), (fatuma, "Fatuma")):
        joins(person, name)
    begins(service, group)

    def led() -> list[str]:
        return [line.split()[-1] for line in types("series", "leaders", "1").splitlines()]

    assert set(led()) == {"nobody"}
    types("series", "leaders", "1", "0711000001", "0711000002", "+254711000003")
    assert led()[:4] == ["Amina", "Juma", "Fatuma", "Amina"]
    assert "Fatuma leads meeting 1" in types("meeting", "lead", "1", "0711000003")
    clock.time += timedelta(days=5)  # the first is over
    passes(service, clock, days=7)
    assert led()[:3] == ["Fatuma", "Amina", "Juma"]
    amina.texts("STOP 4521")
    assert led()[:4] == ["Fatuma", "Juma", "Juma", "Fatuma"]
    assert "Fatuma" in types("series", "show", "1")
    for wrong, said in (
        ("0711000001", "member of the group"),
        ("0711000009", "Nobody has joined"),
        ("12", "isn't a phone number"),
    ):
        assert said in types("series", "leaders", "1", "0711000002", wrong, refused=True)
        assert said in types("meeting", "lead", "3", wrong, refused=True)
    types("series", "leaders", "1", "--none")
    assert set(led()) == {"nobody"}


def test_one_date_more_stands_when_the_series_changes_and_goes_when_it_ends(
    amina: Phone, group: Group, service: Service, clock: Clock, types: Typed
) -> None:
    joins(amina)
    one = begins(service, group)
    made = types("series", "extra", "1", "2026-12-01 10:00").split()[1]
    assert "extra" in types("series", "show", "1")
    changes(service, one, at=time(17))
    assert "2026-12-01 10:00" in types("series", "show", "1")
    assert "is in the past" in types("series", "extra", "1", "2026-11-01 10:00", refused=True)
    assert "isn't a date and time" in types("series", "extra", "1", "2026-12-01 25:00", refused=True)
    types("series", "end", "1")
    with service.database.reading() as session:
        assert session.get_one(Meeting, int(made)).cancelled_at is not None
        assert session.get_one(Meeting, int(made)).minutes == FRIDAYS.minutes
