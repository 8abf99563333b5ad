"""Reminders as groups and members set them: how long before, during which hours, or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.core.gsm7 import segments
from smsgate.core.i18n import LANGUAGES, speaking
from smsgate.flows import reminder_times
from smsgate.flows.reminder_times import InvalidReminderTimes
from smsgate.flows.sms import reminder
from smsgate.groups import groups
from smsgate.meetings import meetings, reminders
from smsgate.members import preferences
from smsgate.models import Group, Meeting, Member, Message, MessageKind, MessageStatus
from smsgate.outbox.messages import as_sent
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock, Phone, work
from tests.support.stories import joins

pytestmark = pytest.mark.both_databases

Passes = Callable[..., None]
ROLE = "1 Not now"


def reminded(who: Phone) -> int:
    """Return how many reminders someone got."""
    return len([text for text in who.reads() if "Reminder" in text])


def chooses(who: Phone, *keys: str) -> None:
    """Press these keys in the settings, under Reminders, for the first group."""
    who.dials(None, "6", "4", "1", *keys)
    who.sees("Saved.")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2d 3h", "2d 3h"), ("3H,2D", "2d 3h"), ("24h", "1d"), ("2 days 3 hours", "2d 3h"), ("siku 2 saa 3", "2d 3h"),
        ("2j 3h", "2d 3h"), ("1d 1d 24h", "1d"), ("36h", "36h"), ("2d+3h", "2d 3h"),
    ],
)  # fmt: skip
def test_times_are_read_as_people_type_them(typed: str, kept: str) -> None:
    assert reminder_times.read(typed) == kept


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("0h", "unreadable"), ("abc", "unreadable"), ("2", "unreadable"), ("2d 3", "unreadable"), ("", "unreadable"),
        ("-", "unreadable"), ("400d", "far"), ("15d", "far"), ("999h", "far"), ("99999h", "unreadable"),
        ("1d " * 20, ""), (" ".join(f"{n}h" for n in range(1, 21)), "many"), ("²d", "unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_time_before_a_meeting(typed: str, wrong: str) -> None:
    if not wrong:
        assert reminder_times.read(typed) == "1d"
        return
    with pytest.raises(InvalidReminderTimes) as refused:
        reminder_times.read(typed)
    assert refused.value.wrong == wrong


def test_a_group_sets_when_and_sees_it(types: Typed, amina: Phone, meeting: Meeting, time_passes: Passes) -> None:
    joins(amina)
    assert "1 day, 2 hours" in types("group", "reminders", "4521")
    assert "2 days, 5 hours" in types("group", "reminders", "4521", "5h", "2d")
    time_passes(hours=5)  # two days before
    assert reminded(amina) == 1
    time_passes(hours=24)  # a day before
    assert reminded(amina) == 1
    time_passes(hours=20)  # four hours before
    assert reminded(amina) == 2
    assert "none" in types("group", "reminders", "4521", "--none")


@pytest.mark.parametrize("words", [("0h",), ("abc",), ("400d",), tuple(f"{n}h" for n in range(1, 21))])
def test_a_group_s_times_that_cannot_be(types: Typed, group: Group, words: tuple[str, ...]) -> None:
    assert "like: 2d 3h" in types("group", "reminders", "4521", *words, refused=True)
    assert "1 day, 2 hours" in types("group", "reminders", "4521")


def test_a_member_has_her_own_and_the_others_have_the_group_s(
    amina: Phone, juma: Phone, meeting: Meeting, time_passes: Passes
) -> None:
    for who in (amina, juma):
        joins(who)
    chooses(amina, "3")  # two hours before
    time_passes(hours=29)
    assert (reminded(amina), reminded(juma)) == (0, 1)
    time_passes(hours=23)
    assert (reminded(amina), reminded(juma)) == (1, 2)


@pytest.mark.by_night
def test_a_member_stops_those_of_one_group(
    amina: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", clock.time, code="777")
        meetings.plan(session, other, meeting_time(clock), None, clock.time)
    amina.texts("JOIN 777")
    amina.texts("1")
    chooses(amina, "5")  # Tumaini, the first group by name
    time_passes(hours=29)
    assert reminded(amina) == 1
    amina.dials(None, "6", "4", "1")
    amina.sees("Tumaini", "now: none")


def meeting_time(clock: Clock):  # type: ignore[no-untyped-def]
    """Return a local time 56 hours ahead, the same as the other group's meeting."""
    return (clock.time + timedelta(hours=56)).replace(tzinfo=None)


def test_a_choice_made_after_it_was_queued_counts(
    amina: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time += timedelta(hours=29)
    with service.database.transaction() as session:
        assert reminders.queue_due_reminders(session, clock.time, "*384*77#") == 1
        member = session.scalars(select(Member)).one()
        preferences.set_reminders(session, member, meeting.group_id, "", clock.time)
    work(service)
    assert reminded(amina) == 0


def test_two_that_fall_together_are_one(amina: Phone, meeting: Meeting, service: Service, time_passes: Passes) -> None:
    joins(amina)
    time_passes(minutes=1)
    time_passes(hours=52)  # nothing ran meanwhile: the day-before reminder expired, the two-hour one is due
    time_passes(minutes=1)
    assert reminded(amina) == 1
    with service.database.reading() as session:
        late = select(Message).where(Message.kind == MessageKind.REMINDER, Message.state == MessageStatus.TOO_LATE)
        assert len(session.scalars(late).all()) == 1


def test_other_times_do_not_repeat_what_came(amina: Phone, meeting: Meeting, time_passes: Passes) -> None:
    joins(amina)
    time_passes(hours=29)
    assert reminded(amina) == 1
    chooses(amina, "4", "30h 20h")
    time_passes(minutes=1)
    assert reminded(amina) == 1
    time_passes(hours=4)
    assert reminded(amina) == 2


def test_who_joins_after_it_was_due_gets_the_next(amina: Phone, meeting: Meeting, time_passes: Passes) -> None:
    time_passes(hours=30)
    joins(amina)
    time_passes(minutes=10)
    assert reminded(amina) == 0
    time_passes(hours=22)
    assert reminded(amina) == 1


def test_texts_come_at_her_hours_only(
    amina: Phone, juma: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    for who in (amina, juma):
        joins(who)
    amina.dials(None, "6", "6", "3")  # from 17 to 21
    amina.sees("Saved.")
    time_passes(hours=29)  # 14:00 the day before
    assert (reminded(amina), reminded(juma)) == (0, 1)
    time_passes(hours=3, minutes=11)
    assert reminded(amina) == 1
    clock.time += timedelta(hours=20)  # an hour before: Juma is texted at once, Amina reads it when she dials
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), clock.time, "*384*77#")
    time_passes(minutes=1)
    juma.hears("Cancelled")
    assert "Cancelled" not in amina.reads()[-1]
    amina.dials(None, "2")
    amina.sees("No meeting is planned")
    assert amina.texts("INFO") != ""  # what she asks for is sent at any hour


def test_an_hour_that_no_group_uses_is_not_kept(amina: Phone, meeting: Meeting, service: Service) -> None:
    joins(amina)
    amina.dials(None, "6", "6", "4")
    for typed, said in (("22-06", "quiet hours"), ("9", "didn't understand"), ("17-20", "Saved.")):
        amina.types(typed)
        amina.sees(said)
    with service.database.reading() as session:
        assert preferences.text_hours(session.scalars(select(Member)).one()) == "17:00-20:00"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("17-20", (17, 0, 20, 0)),
        ("1730 2000", (17, 30, 20, 0)),
        ("8h30 a 12h", (8, 30, 12, 0)),
        ("22 - 6", (22, 0, 6, 0)),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, kept: tuple[int, int, int, int]) -> None:
    start, end = preferences.parse_text_hours(typed)
    assert (start.hour, start.minute, end.hour, end.minute) == kept


@pytest.mark.parametrize("typed", ["", "9", "9-9", "25-26", "9-10-11", "12345-6", "a-b", "9:75-10"])
def test_what_are_no_hours(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        preferences.parse_text_hours(typed)


def test_who_reads_by_dialling_only_gets_none(amina: Phone, meeting: Meeting, time_passes: Passes) -> None:
    joins(amina)
    amina.dials(None, "6", "5", "1")
    time_passes(hours=29)
    time_passes(hours=23)
    amina.hears_nothing_new()
    amina.dials(None, "2")
    amina.sees("Wed 25 Nov 14:00")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_is_one_segment(language: str, clock: Clock) -> None:
    with speaking(language):
        for discreet in (True, False):
            said = reminder(
                clock.time, "Mind Empowerment Kisumu", "Community hall, room 4", "*384*77#", discreet=discreet
            )
            assert segments(as_sent(said)) == 1, (len(said), said)


def test_a_choice_counts_from_then_on(
    types: Typed, amina: Phone, juma: Phone, meeting: Meeting, time_passes: Passes
) -> None:  # fmt: skip
    """If a group chooses three days before when a meeting is two days away, no reminder is sent at once."""
    for who in (amina, juma):
        joins(who)
    time_passes(hours=10)
    types("group", "reminders", "4521", "3d", "3h")
    chooses(amina, "4", "2d 5h")
    time_passes(minutes=1)
    assert (reminded(amina), reminded(juma)) == (0, 0)
    time_passes(hours=38)  # five hours before
    assert (reminded(amina), reminded(juma)) == (1, 0)
    time_passes(hours=2)
    assert (reminded(amina), reminded(juma)) == (1, 1)
