"""Private texts, once they are switched on, hold for texts that already wait: none names the group or its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from smsgate.groups import groups, join_requests, settings
from smsgate.matching import meetings as match_meetings
from smsgate.meetings import change_notices, meetings, series
from smsgate.models import Group, JoinRequest, Match, Meeting, Message, MessageKind, MessageStatus
from smsgate.notices import group_changes, group_closing
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.series import FRIDAYS, begins
from tests.support.stories import joins
from tests.support.walks import goes_to, walk_together

CODE = "*384*77#"
NIGHT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # ten in the evening in Nairobi
Passes = Callable[..., None]


@pytest.fixture
def named(amina: Phone, group: Group, service: Service) -> Phone:
    """Return Amina, whose texts name the group, and the place where it meets."""
    joins(amina)
    switches(amina, "Off")
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = True
    return amina


def switches(person: Phone, to: str) -> None:
    person.dials(None, "6")
    person.picks("Private texts", to)
    person.sees("Saved.")


def waits_for(service: Service, kind: MessageKind) -> Message:
    with service.database.reading() as session:
        waiting = select(Message).where(Message.kind == kind, Message.state == MessageStatus.WAITING)
        return session.scalars(waiting.order_by(Message.id)).first() or Message()


def cancels(service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), CODE)


def moves(service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        found, local = session.get_one(Meeting, meeting.id), datetime(2026, 11, 26, 15, 0)
        change_notices.update_meeting(session, found, service.now(), CODE, local=local, place="Makadara")


def relocates(service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        change_notices.update_meeting(session, found, service.now(), CODE, place="Makadara")


def ends_series(service: Service, group: Group, meeting: Meeting) -> None:
    one = begins(service, group, FRIDAYS)
    with service.database.transaction() as session:
        series.end_series(session, session.get_one(type(one), one.id), service.now(), CODE)


def changes(service: Service, group: Group, **values: Any) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        wanted = replace(settings.settings_of(found), **values)
        group_changes.change_settings(session, found, wanted, service.now(), CODE, by=None)


def changes_code(service: Service, group: Group, meeting: Meeting) -> None:
    changes(service, group, code="7777")


def changes_zone(service: Service, group: Group, meeting: Meeting) -> None:
    changes(service, group, zone="Africa/Johannesburg")


def closes(service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), CODE)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (cancels, "Cancelled: Wed 25 Nov 14:00"),
        (moves, "Changed: Wed 25 Nov 14:00 is now Thu 26 Nov 15:00"),
        (relocates, "Wed 25 Nov 14:00"),
        (ends_series, "Cancelled: Fri 27 Nov"),
        (changes_code, "One of your groups has a new code: dial *384*77*7777#"),
        (changes_zone, "Times are now those of Johannesburg. Next: Wed 25 Nov 14:00"),
        (closes, "Cancelled: Wed 25 Nov 14:00"),
    ],
)
def test_what_waits_for_the_morning_names_neither_group_nor_place(
    named: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes,
    happens: Callable[[Service, Group, Meeting], None], words: str,
) -> None:  # fmt: skip
    clock.time = NIGHT
    happens(service, group, meeting)
    time_passes(minutes=5)
    heard = len(named.reads())
    switches(named, "On")
    for _ in range(11):
        time_passes(hours=1)
    texts = named.reads()[heard:]
    assert any(words in text for text in texts)
    assert not any("Tumaini" in text or "Makadara" in text for text in texts)


def test_a_reminder_that_waits_names_neither_group_nor_place(
    named: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    with service.database.transaction() as session:
        early = datetime(2026, 11, 25, 5, 0)
        meetings.plan(session, session.get_one(Group, group.id), early, "Makadara", service.now())
    clock.time = NIGHT.replace(day=24, hour=2, minute=5)
    time_passes(seconds=5)
    assert "Makadara" in (waits_for(service, MessageKind.REMINDER).words or "")
    switches(named, "On")
    time_passes(seconds=5)
    clock.time = NIGHT.replace(day=24, hour=4, minute=15)
    time_passes(minutes=1)
    named.hears("Reminder: Wed 25 Nov 05:00. More: dial *384*77#")


def test_a_decision_that_waits_names_no_group(
    amina: Phone, named: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="7777")
        other.by_approval = True
    amina.dials("*384*77*7777#", "1")
    clock.time = NIGHT
    with service.database.transaction() as session:
        (asked,) = session.scalars(select(JoinRequest.id)).all()
        found = session.get_one(Group, other.id)
        assert join_requests.decide(session, found, asked, True, service.now(), CODE, by=None)
    assert "Upendo" in (waits_for(service, MessageKind.ALERT).words or "")
    switches(amina, "On")
    clock.time = NIGHT.replace(day=24, hour=4, minute=15)
    time_passes(minutes=1)
    amina.hears("The group you asked for has let you in")


def test_a_reminder_of_two_that_waits_does_not_name_the_other(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    walk_together(service, amina, juma)
    switches(amina, "Off")
    with service.database.transaction() as session:
        match, early = session.scalars(select(Match)).one(), NIGHT.replace(day=25, hour=2)
        made = match_meetings.propose(session, match, early, "Library", service.now(), CODE, by_supporter=True)
        assert made is not None
        assert match_meetings.answer(session, made.id, True, service.now(), CODE, supporter=False)
    amina.dials()
    goes_to(amina, "One to one", "More", "Reminders", "Both")
    clock.time = NIGHT.replace(day=24, hour=2, minute=5)
    time_passes(seconds=5)
    assert "Library" in (waits_for(service, MessageKind.WALK_REMINDER).words or "")
    switches(amina, "On")
    clock.time = NIGHT.replace(day=24, hour=4, minute=15)
    time_passes(minutes=1)
    amina.hears("Reminder: Wed 25 Nov 05:00. More: dial *384*77#")
