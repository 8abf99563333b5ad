"""What strangers can cause: limits per number that outlive its erasure, a day of the worst caller, and the alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import func, select

from smsgate.core.config import Settings
from smsgate.members import leaving
from smsgate.models import Group, Lane, LimitUse, Message, MessageKind, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import kill_switches, limits, operator_alerts
from smsgate.outbox.limits import LIMITS, OF_ONE_NUMBER, Cause, Caused, Scope
from smsgate.service import Service, wire
from tests.support.people import Clock, Phone, work
from tests.support.stories import agrees, copies, joins, plans
from tests.support.waiting import PATIENT

Numbers = Callable[[str], Phone]


def sms_sent(service: Service, *unless: MessageKind) -> int:
    """Return the number of queued SMS, as billed."""
    with service.database.reading() as session:
        return session.scalar(select(func.sum(Message.segments)).where(Message.kind.not_in(unless))) or 0


def counted(service: Service) -> int:
    """Return the number of SMS by the limits' own records, since erased numbers leave no messages."""
    with service.database.reading() as session:
        return session.scalar(select(func.sum(LimitUse.amount)).where(LimitUse.cause.in_(limits.IN_ALL))) or 0


def is_erased(person: Phone) -> None:
    service = person.service
    with service.database.transaction() as session:
        row = lookup.find_phone(session, person.number)
        assert row
        leaving.erase(session, row, service.now())


def asks_somebody(person: Phone, number: str) -> bool:
    person.dials(None, "4")
    if "Add a person" not in person.handset.screen:
        return False
    person.picks("Add a person")
    person.types(number, "Juma", "1")
    return "We've asked them." in person.handset.screen


def practises(person: Phone) -> str:
    plans(person, "Practise")
    while not person.handset.screen.startswith("Send it as a practice"):
        person.picks("Practise again")
    return person.types("2")


def test_who_erases_themselves_begins_no_new_day(amina: Phone, group: Group) -> None:
    asked = 0
    for number in range(9):
        joins(amina)
        asked += asks_somebody(amina, f"+2547221{number:05}")
        is_erased(amina)
    assert asked == LIMITS[Cause.INVITATION][Scope.NUMBER].day


def test_one_number_is_asked_three_times_a_day_whoever_asks_and_whoever_erases_it(
    phone: Numbers, group: Group, juma: Phone
) -> None:
    asked = []
    for number in range(5):
        somebody = phone(f"+2547110009{number:02}")
        joins(somebody)
        asked.append(asks_somebody(somebody, juma.number))
        is_erased(juma)
    assert asked == [True, True, True, False, False]


ARABIC = "\u0623\u0645\u064a\u0646\u0629"  # Amina: with it, a text takes two SMS


def test_who_is_told_that_somebody_was_asked_is_told_the_truth(phone: Numbers, group: Group, juma: Phone) -> None:
    """There is room for one SMS to Juma, but the invitation takes two."""
    said = []
    for number in range(3):
        somebody = phone(f"+2547110009{number:02}")
        joins(somebody, ARABIC)
        said.append(asks_somebody(somebody, juma.number))
    assert said == [True, False, False]
    assert copies(juma, "may they text you") == said.count(True)


def test_a_pins_code_that_no_longer_fits_is_not_promised(owner: Phone, juma: Phone, service: Service) -> None:
    """There is room for one SMS, but a code from somebody with this name takes two."""
    with service.database.transaction() as session:
        member = lookup.find_member_by_number(session, owner.number)
        assert member
        member.name = ARABIC
        for _ in range(LIMITS[Cause.ACCOUNT][Scope.NUMBER].hour - 1):
            limits.take(session, Caused(Cause.ACCOUNT, owner.number), service.now())
    before = len(juma.reads())
    owner.dials(None, "1", "2", "1")
    owner.sees("That isn't possible right now.")
    assert len(juma.reads()) == before


@pytest.mark.both_databases
def test_many_sims_at_one_number_at_the_same_moment_count_together(service: Service, juma: Phone) -> None:
    most = LIMITS[Cause.INVITATION][Scope.TARGET].hour
    with service.database.transaction() as session:
        target = lookup.ensure_phone(session, juma.number, service.now())
    start, before_any_commits = Barrier(2 * most), Barrier(2 * most)

    def invites(number: int) -> bool:
        start.wait(30)
        return takes(service, Caused(Cause.INVITATION, f"+25471100090{number}"), target, before_any_commits)

    with ThreadPoolExecutor(2 * most) as threads:
        assert sum(threads.map(invites, range(2 * most))) == most


def takes(service: Service, caused: Caused, target: PhoneRow, before_any_commits: Barrier) -> bool:
    with service.database.transaction() as session:
        use = limits.ask(session, caused, service.now(), target=target)
        if use:
            limits.record(session, use)
            session.flush()
            with suppress(BrokenBarrierError):  # the others wait for this one
                before_any_commits.wait(0.5)
        return use is not None


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("cause", "used", "by_others"),
    [(Cause.INVITATION, 60, {}), (Cause.REPLY, 2000, {"block": "x"}), (Cause.GROUP_INVITATION, 500, {"block": "x"})],
    ids=["block", "service", "group"],
)
def test_many_at_the_same_moment_share_what_is_left_of_a_block_a_group_or_the_service(
    service: Service, group: Group, cause: Cause, used: int, by_others: dict[str, str]
) -> None:
    """Each has a number and a target of its own, and three SMS are left of what all of them share."""
    left, several = 3, 6
    with service.database.transaction() as session:
        targets = [lookup.ensure_phone(session, f"+25471100080{n}", service.now()) for n in range(several)]
        first = limits.ask(session, Caused(cause, "+254711000899", group.id), service.now(), target=targets[0])
        assert first
        first.amount = used - left
        for name, value in by_others.items():
            setattr(first, name, value)
        limits.record(session, first)
    start, before_any_commits = Barrier(several), Barrier(several)

    def asks(number: int) -> bool:
        start.wait(30)
        number_of = "" if cause is Cause.GROUP_INVITATION else f"+25471100070{number}"
        return takes(service, Caused(cause, number_of, group.id), targets[number], before_any_commits)

    with ThreadPoolExecutor(several) as threads:
        assert sum(threads.map(asks, range(several))) == left


@pytest.mark.by_night
def test_a_day_of_the_worst_caller(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    """A caller joins, invites, spaces out texts, opts out and in and erases itself, every hour: forty SMS in a day."""
    for hour in range(24):
        joins(amina)
        for number in range(2):
            asks_somebody(amina, f"+25472{hour:02}{number:05}")
        for text in ("menu", "info", "stop", "start", "next", "nonsense", "STOP 4521", "join 9999"):
            amina.writes(text)
            work(service)
        is_erased(amina)
        clock.time += timedelta(minutes=50)
    assert 20 < counted(service) <= OF_ONE_NUMBER.day


@pytest.mark.by_night
def test_paced_texts_are_answered_so_often_then_once_more_then_not(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    for number in range(40):
        amina.writes(("menu", "next", "info")[number % 3])
        work(service)
        clock.time += timedelta(minutes=16)
    answers = amina.reads()
    assert sum("can't answer more texts" in text for text in answers) == 1
    assert sms_sent(service) <= LIMITS[Cause.REPLY][Scope.NUMBER].day + 1
    clock.time += timedelta(days=1)
    assert "1 Send my help text" in amina.texts("menu")


def test_practices_count_and_help_never_ends(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    said = [practises(amina) for _ in range(26)]
    assert "practised enough for today" in said[-1]
    assert copies(juma, "Only a practice") <= LIMITS[Cause.PRACTICE][Scope.NUMBER].day
    before = copies(juma)
    amina.dials(None, "1", "2")
    assert copies(juma) > before


def test_beyond_the_usual_a_help_text_waits_with_others(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    with service.database.transaction() as session:
        for _ in range(limits.USUAL_HELP):
            limits.take(session, Caused(Cause.HELP, amina.number), service.now())
    amina.dials(None, "1", "2")
    with service.database.reading() as session:
        rows = session.execute(select(Message.lane, Message.kind).where(Message.kind == MessageKind.HELP)).all()
    assert rows == [(Lane.NORMAL, MessageKind.HELP)]
    juma.hears("Please get in touch with me")


def test_beyond_the_usual_a_help_text_leaves_while_everything_else_is_paused(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    with service.database.transaction() as session:
        kill_switches.pause(session, None, service.now())
        kill_switches.pause(session, session.get_one(Group, group.id), service.now())
        for _ in range(limits.USUAL_HELP):
            limits.take(session, Caused(Cause.HELP, amina.number), service.now())
    amina.dials(None, "1", "2")
    juma.hears("Please get in touch with me")


@pytest.fixture
def small(settings: Settings, clock: Clock) -> Iterator[Service]:
    made = wire(replace(settings, strangers=10, operator_number="0711 009 999"), now=clock.now, limits=PATIENT)
    yield made
    made.close()


def test_half_of_what_the_service_spends_on_strangers_alarms_and_all_of_it_ends_in_silence(small: Service) -> None:
    queued = []
    with small.database.transaction() as session:
        for number in range(14):
            row = lookup.ensure_phone(session, f"+25471{number:02}00001", small.now())
            caused = Caused(Cause.REPLY, row.number)
            use = limits.ask(session, caused, small.now(), target=row)
            if use:
                limits.record(session, use)
            queued.append(use is not None)
            operator_alerts.tell_of_strangers(session, small.now(), small.settings.operator_number)
    assert queued == [True] * 10 + [False] * 4
    with small.database.reading() as session:
        alerts = session.scalars(select(Message.words).where(Message.kind == MessageKind.ALERT)).all()
    assert len(alerts) == 1


def test_invitations_of_groups_leave_room_to_answer_those_whom_they_invite(small: Service) -> None:
    with small.database.transaction() as session:
        rows = [lookup.ensure_phone(session, f"+25471{number:02}00001", small.now()) for number in range(12)]

        def takes(caused: Caused, target: PhoneRow) -> bool:
            use = limits.ask(session, caused, small.now(), target=target)
            if use:
                limits.record(session, use)
            return use is not None

        assert [takes(Caused(Cause.GROUP_INVITATION, group_id=1), row) for row in rows] == [True] * 7 + [False] * 5
        assert [takes(Caused(Cause.REPLY, row.number), row) for row in rows[:4]] == [True] * 3 + [False]


def test_what_one_number_may_cause_is_forty_sms_a_day() -> None:
    assert OF_ONE_NUMBER.day == 40
    assert all(LIMITS[cause][Scope.NUMBER].day <= 40 for cause in limits.IN_ALL)
