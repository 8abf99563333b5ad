"""Meetings: times in the group's time zone, one text about each change, reminders in time or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from smsgate.core.errors import Invalid
from smsgate.groups import groups
from smsgate.meetings import change_notices, meetings
from smsgate.models import Group, Meeting, MessageStatus, Notice
from smsgate.notices import notices
from smsgate.service import Service
from tests.support.people import Clock, Phone, work
from tests.support.stories import joins

CODE = "*384*77#"


def change(service: Service, meeting: Meeting, to: datetime | None) -> int:
    """Move the meeting, or cancel it."""
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        if to is None:
            return meetings.cancel(session, found, service.now(), CODE)
        return change_notices.move_meeting(session, found, to, service.now(), CODE).people


def test_a_member_changes_their_mind(amina: Phone, group: Group, meeting: Meeting) -> None:
    joins(amina)
    amina.dials(None, "2", "1", "1")
    amina.dials(None, "2", "1")
    amina.sees("You said: coming")
    amina.types("2")
    amina.dials(None, "2", "1")
    amina.sees("You said: not coming")


def test_a_place_is_told_only_if_the_group_tells_it(
    amina: Phone, group: Group, meeting: Meeting, service: Service
) -> None:
    joins(amina)
    amina.dials(None, "2", "1")
    amina.sees("Community hall")
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = False
    amina.dials(None, "2", "1")
    amina.sees_not("Community hall")


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("America/Toronto", datetime(2027, 3, 13, 14, 0), datetime(2027, 3, 13, 19, 0, tzinfo=UTC)),
        ("America/Toronto", datetime(2027, 3, 14, 14, 0), datetime(2027, 3, 14, 18, 0, tzinfo=UTC)),
        ("Africa/Nairobi", datetime(2027, 3, 14, 14, 0), datetime(2027, 3, 14, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_groups_own(zone: str, local: datetime, utc: datetime, service: Service) -> None:
    with service.database.transaction() as session:
        group = groups.create(session, "Elsewhere", zone, service.now())
        meeting = meetings.plan(session, group, local, None, service.now())
        assert meeting.starts_at == utc
        assert meetings.local_start(meeting).replace(tzinfo=None) == local


def test_a_cancelled_meeting_tells_at_once_and_reminds_nobody(
    amina: Phone, juma: Phone, group: Group, meeting: Meeting, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(juma, "Juma")
    juma.dials(None, "2", "1", "2")  # not coming, so the change does not concern him
    assert change(service, meeting, None) == 1
    amina.hears("Cancelled: Wed 25 Nov 14:00")
    juma.hears_nothing_new()
    with pytest.raises(Invalid):
        change(service, meeting, None)
    time_passes(hours=30)
    amina.hears_nothing_new()
    amina.dials(None, "2")
    amina.sees("No meeting is planned")


def test_a_reminder_that_waits_does_not_leave_for_a_meeting_that_was_cancelled(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    from datetime import timedelta

    from smsgate.meetings import reminders

    joins(amina)
    clock.time += timedelta(hours=30)
    with service.database.transaction() as session:
        assert reminders.queue_due_reminders(session, service.now(), CODE) == 1
    change(service, meeting, None)
    work(service)
    assert [text for text in amina.reads() if "Reminder" in text] == []


def test_a_moved_meeting_tells_once_and_reminds_of_the_new_time(
    amina: Phone, group: Group, meeting: Meeting, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    time_passes(hours=30)
    amina.hears("Reminder: Wed 25 Nov 14:00")
    assert change(service, meeting, datetime(2026, 11, 27, 16, 0)) == 1
    amina.hears("Wed 25 Nov 14:00 is now Fri 27 Nov 16:00")
    time_passes(hours=24)
    amina.hears_nothing_new()  # no reminder for the old time
    time_passes(hours=26)
    amina.hears("Reminder: Fri 27 Nov 16:00")


def test_a_reminder_is_never_late(
    amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    time_passes(hours=53, minutes=30)  # nothing ran since Monday, and the meeting began half an hour ago
    amina.hears_nothing_new()


def test_after_an_hour_of_downtime_the_one_that_is_still_worth_it_is_sent(
    amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    time_passes(hours=52)  # an hour before: too late for the day-before reminder
    assert len(amina.reads()) == 1


@pytest.mark.parametrize("switch", ["Reminders", "Pause"])
def test_who_wants_no_reminders_gets_none(
    switch: str, amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks(switch, "On" if switch == "Pause" else "None, for all groups")
    time_passes(hours=30)
    amina.hears_nothing_new()


def test_reminders_speak_the_members_language(
    amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    amina.dials("*384*77*4521#", "3", "1", "1", "1")
    time_passes(hours=30)
    amina.hears("mer. 25 nov. 14:00")


@pytest.mark.parametrize("bad", [datetime(2026, 11, 22, 14, 0), datetime(2020, 1, 1)])
def test_a_date_in_the_past_is_refused(bad: datetime, group: Group, service: Service) -> None:
    with pytest.raises(Invalid, match="past"), service.database.transaction() as session:
        meetings.plan(session, group, bad, None, service.now())


def test_a_notice_reaches_everybody_once_and_can_be_stopped(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service
) -> None:
    for person, name in ((amina, "Amina"), (juma, "Juma"), (fatuma, "Fatuma")):
        joins(person, name)
    fatuma.texts("stop")
    with service.database.transaction() as session:
        notice, count = notices.send(session, session.get_one(Group, group.id), "Bring a “cup”…", service.now())
        assert count == 2
    amina.hears('Bring a "cup"...')
    juma.hears("Bring a")
    assert "cup" not in fatuma.reads()[-1]
    with service.database.transaction() as session:
        second, _count = notices.send(session, session.get_one(Group, group.id), "Second", service.now())
        notices.stop(session, second, service.now())
    amina.hears_nothing_new()
    with service.database.reading() as session:
        assert notices.progress(session, session.get_one(Notice, second.id)) == {MessageStatus.WITHDRAWN: 2}
        assert notices.progress(session, session.get_one(Notice, notice.id)) == {MessageStatus.SENT: 2}


@pytest.mark.parametrize("words", ["", "   ", "x" * 641])
def test_an_empty_or_endless_notice_is_refused(words: str, group: Group, service: Service) -> None:
    with pytest.raises(Invalid), service.database.transaction() as session:
        notices.send(session, group, words, service.now())
