"""News about meetings that waits for the morning or a retry: what people read last is true, and nothing comes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from smsgate.core.errors import Invalid
from smsgate.gateways import Verdict
from smsgate.meetings import change_notices, meetings, reminders, series
from smsgate.models import Group, Meeting, Membership, Message, MessageKind, MessageStatus, Series
from smsgate.outbox import claims
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone
from tests.support.series import FRIDAYS, begins, changes, rows
from tests.support.stories import joins

CODE = "*384*77#"
NIGHT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # ten in the evening in Nairobi


@pytest.fixture
def morning(clock: Clock, time_passes: Callable[..., None]) -> Callable[[], None]:
    """Return a function that lets the night pass until everything held has been sent."""

    def passed() -> None:
        clock.time = NIGHT + timedelta(hours=8, minutes=50)
        for _ in range(4):
            time_passes(minutes=10)

    return passed


def at_night(clock: Clock) -> None:
    clock.time = NIGHT


def moves(service: Service, meeting: Meeting, hour: int, day: int = 25) -> None:
    with service.database.transaction() as session:
        local = datetime(2026, 11, day, hour, 0)
        change_notices.move_meeting(session, session.get_one(Meeting, meeting.id), local, service.now(), CODE)


def relocates(service: Service, meeting: Meeting, place: str) -> None:
    with service.database.transaction() as session:
        change_notices.update_meeting(
            session, session.get_one(Meeting, meeting.id), service.now(), CODE, place=place
        )  # fmt: skip


def cancels(service: Service, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), CODE)


def changes_rule(service: Service, one: Series, rule: str) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Series, one.id)
        changed = replace(series.settings_of(found), rule=rule)
        series.change_series(session, found, changed, service.now(), CODE)


def news_rows(service: Service) -> list[Message]:
    with service.database.reading() as session:
        rows = select(Message).where(Message.kind == MessageKind.MEETING_NEWS).order_by(Message.id)
        return list(session.scalars(rows))


def hears_since(person: Phone, heard: int) -> Sequence[str]:
    return person.reads()[heard:]


def test_of_two_moves_in_a_night_the_last_is_told_from_what_people_know(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    at_night(clock)
    for hour in (15, 16):
        moves(service, meeting, hour)
        amina.hears_nothing_new()
    heard = len(amina.inbox)
    morning()
    assert hears_since(amina, heard) == [
        "Changed: Wed 25 Nov 14:00 is now Wed 25 Nov 16:00. More: dial *384*77#"
    ]  # fmt: skip
    assert [row.state for row in news_rows(service)] == [MessageStatus.WITHDRAWN, MessageStatus.SENT]


def test_what_is_as_it_was_is_not_told(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    at_night(clock)
    moves(service, meeting, 15)
    moves(service, meeting, 14)
    heard = len(amina.reads())
    morning()
    assert hears_since(amina, heard) == []


def test_moved_and_cancelled_in_a_night_is_cancelled(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    at_night(clock)
    moves(service, meeting, 16)
    cancels(service, meeting)
    heard = len(amina.reads())
    morning()
    assert hears_since(amina, heard) == ["Cancelled: Wed 25 Nov 14:00. More: dial *384*77#"]


def test_of_two_places_the_last_is_told(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")  # texts may name the group and the place
    at_night(clock)
    relocates(service, meeting, "Church")
    moves(service, meeting, 15)
    relocates(service, meeting, "School")
    heard = len(amina.reads())
    morning()
    (said,) = hears_since(amina, heard)
    assert "Wed 25 Nov 14:00 is now Wed 25 Nov 15:00" in said
    assert said.endswith("School")


def test_a_series_that_is_changed_and_changed_back_says_no_more_than_that(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    one = begins(service, group, FRIDAYS)
    at_night(clock)
    changes_rule(service, one, "FREQ=WEEKLY;BYDAY=SA")
    changes_rule(service, one, "FREQ=WEEKLY;BYDAY=FR")
    heard = len(amina.reads())
    morning()
    (said,) = hears_since(amina, heard)
    assert said.startswith("Cancelled: Sat 28 Nov 15:00 and"), "whoever dialled at night may have seen those"
    assert "Next: Fri 27 Nov 15:00" in said


def test_later_news_of_one_date_keeps_what_was_told_of_the_others(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    """News about a series covers many dates; one of them is then cancelled."""
    joins(amina)
    one = begins(service, group, FRIDAYS)
    at_night(clock)
    with service.database.transaction() as session:
        found = session.get_one(Series, one.id)
        later = replace(series.settings_of(found), at=time(16))
        told = series.change_series(session, found, later, service.now(), CODE)
        many = sum(told.what.values())
        first = series.dates_to_come(session, found, service.now())[0]
    cancels(service, first)
    heard = len(amina.reads())
    morning()
    (said,) = hears_since(amina, heard)
    assert f"Changed: Fri 27 Nov 15:00 and {many - 1} more. Next: Fri 4 Dec 16:00" in said


def test_news_of_another_date_waits_beside_it_in_order(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        other = meetings.plan(
            session, session.get_one(Group, group.id), datetime(2026, 11, 26, 14), None, service.now()
        )  # fmt: skip
    at_night(clock)
    moves(service, other, 15, day=26)
    moves(service, meeting, 15)
    heard = len(amina.reads())
    morning()
    assert ["Thu 26 Nov" in said for said in hears_since(amina, heard)] == [True, False]


def test_a_try_that_fails_by_day_does_not_come_after_later_news(
    group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    moves(service, meeting, 15)
    first = outbox.claims()
    moves(service, meeting, 16)
    outbox.records(first, Verdict.RETRY)
    (second,) = outbox.claims()
    outbox.records([second], Verdict.ACCEPTED, "one")
    clock.time += timedelta(minutes=5)
    assert outbox.claims() == []
    assert [row.state for row in news_rows(service)] == [MessageStatus.WITHDRAWN, MessageStatus.SENT]
    assert "16:00" in second.words


def test_news_that_waits_for_a_retry_is_taken_back(
    group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    moves(service, meeting, 15)
    outbox.records(outbox.claims(), Verdict.RETRY)
    moves(service, meeting, 16)
    (only,) = outbox.claims()
    assert "14:00 is now Wed 25 Nov 16:00" in only.words


def test_a_worker_and_later_news_at_the_same_moment(group: Group, meeting: Meeting, service: Service) -> None:
    """Whichever comes first, any text that may still be sent is true."""
    outbox = Outbox(service)
    for _ in range(20):
        outbox.member(group)
    moves(service, meeting, 15)
    start = threading.Barrier(2)
    taken: list[claims.Claimed] = []

    def works() -> None:
        start.wait()
        taken.extend(outbox.claims(limit=10))

    def changes() -> None:
        start.wait()
        moves(service, meeting, 16)

    both = [threading.Thread(target=works), threading.Thread(target=changes)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    outbox.records([one for one in taken if "15:00" in one.words], Verdict.RETRY)
    rows = news_rows(service)
    stale = [row for row in rows if row.words and "is now Wed 25 Nov 15:00" in row.words]
    assert all(row.superseded_at is not None for row in stale)
    assert len([row for row in rows if row.words and "16:00" in row.words]) == 20


def test_who_left_hears_nothing_of_it(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    at_night(clock)
    moves(service, meeting, 15)
    with service.database.transaction() as session:
        session.delete(session.scalars(select(Membership)).one())
    moves(service, meeting, 16)
    heard = len(amina.reads())
    morning()
    assert hears_since(amina, heard) == []


def test_own_hours_keep_the_order_of_the_news(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("Hours for texts", "17-21")
    for hour in (15, 16):
        moves(service, meeting, hour)
        time_passes(minutes=5)
    heard = len(amina.inbox)
    for _ in range(6):
        time_passes(minutes=90)
    (said,) = hears_since(amina, heard)
    assert "14:00 is now Wed 25 Nov 16:00" in said


def an_hour_later(service: Service, one: Series) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Series, one.id)
        later = replace(series.settings_of(found), at=time(16))
        series.change_series(session, found, later, service.now(), CODE)


def test_moved_dates_are_not_told_as_cancelled_to_who_switches_to_private_texts(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    one = begins(service, group, FRIDAYS)
    at_night(clock)
    an_hour_later(service, one)
    heard = len(amina.reads())
    amina.dials(None, "6", "3", "2")
    morning()
    (said,) = hears_since(amina, heard)
    assert said.startswith("Tumaini: Changed: Fri 27 Nov 15:00 and"), said
    assert "Next: Fri 27 Nov 16:00" in said


def test_when_its_first_date_is_past_news_tells_of_the_rest(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    one = begins(service, group, FRIDAYS)
    an_hour_later(service, one)
    heard = len(amina.inbox)
    clock.time = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)  # no worker ran until half past four on Friday
    time_passes(minutes=1)
    (said,) = hears_since(amina, heard)
    assert said.startswith("Changed: Fri 4 Dec 15:00 and"), said
    assert "Next: Fri 4 Dec 16:00" in said
    time_passes(minutes=5)
    assert len(hears_since(amina, heard)) == 1


def test_own_hours_after_the_first_date_hold_news_of_the_rest(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("Hours for texts", "17-21")
    one = begins(service, group, FRIDAYS)
    clock.time = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)  # half past nine in the evening before the first
    an_hour_later(service, one)
    heard = len(amina.reads())
    time_passes(hours=21)
    (said,) = hears_since(amina, heard)
    assert said.startswith("Changed: Fri 4 Dec 15:00 and"), said


def test_news_of_one_date_that_came_too_late_is_not_told(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    moves(service, meeting, 15)
    heard = len(amina.inbox)
    clock.time = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    time_passes(minutes=1)
    assert hears_since(amina, heard) == []


@pytest.mark.both_databases
def test_a_date_that_is_cancelled_while_its_series_moves_stays_cancelled(
    amina: Phone, group: Group, service: Service
) -> None:
    """Else the last text says that it is at another hour, and people set out for it."""
    joins(amina)
    one = begins(service, group, FRIDAYS)
    second = threading.Thread(target=an_hour_later, args=(service, one))
    with service.database.transaction() as session:
        first = series.dates_to_come(session, session.get_one(Series, one.id), service.now())[0]
        meetings.cancel(session, first, service.now(), CODE)
        session.flush()
        second.start()
        second.join(timeout=0.5)  # it waits, or does not care
    second.join()
    with service.database.reading() as session:
        found = session.get_one(Meeting, first.id)
        assert (found.cancelled_at is not None, found.moves or 0) == (True, 0)
    amina.reads()
    assert [said for said in amina.inbox if "27 Nov 15:00" in said and not said.startswith("Cancelled")] == []


@pytest.mark.both_databases
@pytest.mark.parametrize("what", [moves, relocates])
def test_a_meeting_that_is_cancelled_while_another_changes_it_stays_cancelled(
    amina: Phone, group: Group, meeting: Meeting, service: Service, what: Callable[..., None]
) -> None:
    joins(amina)
    refused = list[Exception]()

    def changes() -> None:
        try:
            what(service, meeting, *([16] if what is moves else ["Church"]))
        except Invalid as error:
            refused.append(error)

    second = threading.Thread(target=changes)
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), CODE)
        session.flush()
        second.start()
        second.join(timeout=0.5)
    second.join()
    assert len(refused) == 1
    amina.hears("Cancelled: Wed 25 Nov 14:00")


def test_a_place_that_is_changed_and_changed_back_is_not_told(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    relocates(service, meeting, "School")
    amina.hears("New place")
    at_night(clock)
    for place in ("Church", "Market", "School"):
        relocates(service, meeting, place)
    heard = len(amina.reads())
    morning()
    assert hears_since(amina, heard) == []


def test_a_date_that_is_on_after_all_at_another_place_is_told(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    """Whoever did not read that it was off reads where it is."""
    joins(amina)
    amina.dials(None, "6", "3", "2")  # texts may name the group and the place
    one = begins(service, group, replace(FRIDAYS, until=date(2026, 11, 30)))
    at_night(clock)
    changes_rule(service, one, "FREQ=WEEKLY;BYDAY=SA")
    changes(service, one, rule="FREQ=WEEKLY;BYDAY=FR", place="Church")
    heard = len(amina.reads())
    morning()
    (said,) = [said for said in hears_since(amina, heard) if "Fri 27 Nov" in said]
    assert "Church" in said or "Changed" in said


def test_a_date_that_was_off_and_elsewhere_and_is_as_it_was_is_not_told(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    one = begins(service, group, replace(FRIDAYS, until=date(2026, 12, 6)))
    at_night(clock)
    for rule, place in (("SA", "Hall"), ("SA,FR", "Church"), ("SA", "Church"), ("SA,FR", "Hall")):
        changes(service, one, rule=f"FREQ=WEEKLY;BYDAY={rule}", place=place)
    heard = len(amina.reads())
    morning()
    assert not [said for said in hears_since(amina, heard) if "27 Nov" in said]


def test_news_of_many_dates_names_the_one_that_is_next(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    one = begins(service, group)
    at_night(clock)
    an_hour_later(service, one)
    relocates(service, list(rows(service, one).values())[1], "Church")
    heard = len(amina.reads())
    morning()
    (said,) = hears_since(amina, heard)
    assert "Next: Fri 27 Nov 16:00" in said


def test_what_waits_names_the_next_date_as_it_is_by_morning(
    amina: Phone, group: Group, service: Service, clock: Clock, morning: Callable[[], None]
) -> None:
    joins(amina)
    one = begins(service, group)
    at_night(clock)
    first = next(iter(rows(service, one).values()))
    moves(service, first, 12, day=27)
    changes(service, one, until=date(2026, 12, 6))  # the later dates are cancelled
    moves(service, first, 15, day=27)
    heard = len(amina.reads())
    morning()
    (said,) = hears_since(amina, heard)
    assert "Next: Fri 27 Nov 15:00" in said


def test_a_reminder_of_the_old_place_that_a_worker_has_in_hand_is_not_tried_again(
    group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    member = outbox.member(group)
    outbox.changes(member, discreet=False)
    clock.time = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with service.database.transaction() as session:
        reminders.queue_due_reminders(session, service.now(), CODE)
    in_hand = outbox.claims()
    assert "Community hall" in in_hand[0].words
    relocates(service, meeting, "Church")
    outbox.records(in_hand, Verdict.RETRY)
    clock.time += timedelta(minutes=5)
    assert ["Church" in text.words for text in outbox.claims()] == [True]


def test_later_news_waits_while_another_worker_sends_the_earlier(
    group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    moves(service, meeting, 15)
    first = outbox.claims()
    moves(service, meeting, 16)
    assert outbox.claims() == []
    outbox.records(first, Verdict.ACCEPTED, "one")
    clock.time += timedelta(seconds=6)
    (second,) = outbox.claims()
    assert "16:00" in second.words
