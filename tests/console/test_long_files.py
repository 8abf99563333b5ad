"""A file of 50,000 numbers: accepted at once, read and invited in the background, shown with progress, and stopped."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from smsgate.groups import groups, invitations
from smsgate.groups.imports import number_imports
from smsgate.models import Group, ImportStage, Invitation, NumberImport, Role
from smsgate.outbox import queues
from smsgate.service import Service
from smsgate.workers import drain, scheduler
from tests.support.console import Console, leads
from tests.support.openings import Play
from tests.support.people import Phone, work_if_woken
from tests.support.stories import joins
from tests.support.waiting import Stopwatch

HERE = "/console/groups/4521/invitations"
ROWS = 4_000


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina, own=True)

    opening(begins, console, amina)
    return console


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_imports, "ROWS", 700)


def content(rows: int = ROWS, header: str = "name,phone") -> bytes:
    return f"{header}\n".encode() + b"".join(b"Person %d,07%08d\n" % (n, 20_000_000 + n) for n in range(rows))


def sends_file(console: Console, data: bytes) -> None:
    console.opens(HERE)
    console.sends("Upload and check", file=(io.BytesIO(data), "numbers.csv"))


def works_once(service: Service) -> None:
    """Let a worker do one part."""
    assert number_imports.work_on_next(service.database, service.settings.countries, service.now())


def the_import(service: Service) -> NumberImport:
    with service.database.reading() as session:
        one = session.query(NumberImport).one()
        session.expunge(one)
    return one


def listed(service: Service) -> int:
    with service.database.reading() as session:
        return session.query(Invitation).filter(Invitation.number.is_not(None)).count()


def test_it_is_read_in_the_background_looked_at_and_invited(console: Console, service: Service) -> None:
    sends_file(console, content())
    console.sees("Reading line 0 of 4001.", "You can leave this page.", "Stop")
    assert 'http-equiv="refresh"' in console.last.text, "goes on without JavaScript, too"
    works_once(service)
    console.follows("Refresh")
    console.sees("Reading line 700 of 4001.")
    console.opens(HERE)
    console.sees("A file of numbers is being processed.")
    console.follows("See progress")
    work_if_woken(service)
    console.follows("Refresh")
    console.sees("Check before inviting", "4000 numbers will be invited", "Of 4000 lines, 4000 gave a new number")
    assert listed(service) == 0
    assert b"0720000001" not in console.last.data
    console.sends("Send invitations")
    console.sees("0 of 4000 numbers added.")
    works_once(service)
    console.follows("Refresh")
    console.sees("500 of 4000 numbers added.")
    work_if_woken(service)
    console.opens(console.at)
    console.sees("4000 numbers added. Each gets one text, up to 500 a day.")
    assert listed(service) == ROWS
    assert (the_import(service).content, the_import(service).found) == (None, None), "nothing of the file stays"


@pytest.mark.both_databases
def test_a_worker_that_dies_loses_nothing_and_two_do_nothing_twice(
    console: Console, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends_file(console, content())
    works_once(service)
    queues.queue(service.redis, "bulk").empty()  # type: ignore[no-untyped-call]
    before = the_import(service)
    number_imports._read_part(service.database, before, ("KE",))
    number_imports._read_part(service.database, before, ("KE",))  # slow: another worker did its part
    assert the_import(service).done == 1_400
    service.redis.flushall()  # the wake-up is lost, along with its worker
    scheduler.run_scheduled_tasks(service)
    work_if_woken(service)
    console.opens(console.at)
    console.sees("4000 numbers will be invited")
    console.sends("Send invitations")
    before = the_import(service)
    adds = invitations.invite

    def dies(*_given: object) -> None:
        raise SystemExit

    monkeypatch.setattr(invitations, "invite", dies)
    with pytest.raises(SystemExit):
        works_once(service)
    monkeypatch.setattr(invitations, "invite", adds)
    assert the_import(service).done == 0, "the part that a killed worker had in hand is not lost"
    number_imports._invite_part(service.database, before, service.now())
    number_imports._invite_part(service.database, before, service.now())
    assert (the_import(service).done, listed(service)) == (500, 500)
    drain.use(service)
    drain.drain("bulk")
    assert (the_import(service).stage, listed(service)) == (ImportStage.DONE, ROWS)


@pytest.mark.by_night
def test_it_is_stopped_while_it_is_read_and_while_it_is_invited(console: Console, service: Service) -> None:
    sends_file(console, content())
    works_once(service)
    console.sends("Stop")
    console.sees("Stopped.")
    assert the_import(service).content is None
    work_if_woken(service)
    sends_file(console, content())
    work_if_woken(service)
    console.opens(console.at)
    console.sends("Send invitations")
    works_once(service)
    console.opens(HERE)
    console.follows("Withdraw all")
    console.sends("Withdraw all")
    work_if_woken(service)
    scheduler.run_scheduled_tasks(service)
    work_if_woken(service)
    assert listed(service) == 0


def test_columns_are_asked_for_and_another_one_chosen(console: Console, service: Service) -> None:
    rows = "\n".join(f"07{20_000_000 + n:08d},A,07{30_000_000 + n:08d}" for n in range(ROWS))
    sends_file(console, rows.encode("utf-16"))
    work_if_woken(service)
    console.follows("Refresh")
    console.sees("Which column has the phone numbers?")
    console.sends("Use these columns", 422, columns=None)
    console.sends("Use these columns", columns="2")
    work_if_woken(service)
    console.opens(console.at)
    console.sees(f"{ROWS} numbers will be invited", "Other columns with numbers", "Numbers read from Column 3.")
    form = console.form("Send invitations")
    console.sends("Use these columns instead", columns="0")
    work_if_woken(service)
    console.posts(form.action, {**dict(form.values), "do": "do"})
    console.sees("Someone else changed this in the meantime.", "Numbers read from Column 1.")
    assert listed(service) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\0abc" * 20_000, "This isn't a list of numbers"), (b"%PDF" + b"x" * 60_000, "This isn't a list of numbers")],
)
def test_a_long_file_that_is_none_is_answered_kindly(
    console: Console, service: Service, data: bytes, said: str
) -> None:
    sends_file(console, data)
    work_if_woken(service)
    console.opens(console.at)
    console.sees(said)
    assert the_import(service).content is None


def test_a_file_that_nobody_thought_of_holds_up_no_other(
    console: Console, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_imports, "_read_part", lambda *_given: 1 / 0)
    sends_file(console, content())
    work_if_woken(service)
    console.opens(console.at)
    console.sees("This file can't be read.")


def test_what_nobody_looked_at_is_forgotten_after_a_day(
    console: Console, service: Service, time_passes: Callable[..., None]
) -> None:
    sends_file(console, content())
    work_if_woken(service)
    time_passes(hours=25)
    with service.database.reading() as session:
        assert session.query(NumberImport).count() == 0


def test_a_leader_of_another_group_sees_nothing_of_it(
    console: Console, app: Flask, service: Service, juma: Phone
) -> None:
    sends_file(console, content())
    with service.database.transaction() as session:
        theirs = groups.create(session, "Pamoja", "Africa/Nairobi", service.now(), code="8888")
    leads(service, juma, theirs)
    other = Console(app, service)
    other.signs_in(juma)
    other.opens(console.at, status=404)
    other.opens(console.at.replace("4521", "8888"), status=404)


@pytest.mark.by_night
def test_fifty_thousand_numbers(console: Console, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    watch = Stopwatch()
    sends_file(console, content(50_000))
    assert watch.seconds() < 2, "the upload is answered at once"
    while the_import(service).stage is ImportStage.READING:
        part = Stopwatch()
        works_once(service)
        assert part.seconds() < 5, "texts wait no longer than that for a part"
    console.opens(console.at)
    console.sees("10000 numbers will be invited", "40000 more numbers are good")
    assert len(console.last.data) < 60_000
    watch = Stopwatch()
    console.sends("Send invitations")
    assert watch.seconds() < 2
    work_if_woken(service)
    assert listed(service) == invitations.OPEN_MOST
    assert timedelta(seconds=watch.seconds()) < timedelta(minutes=2)
