"""A database that hangs, which is worse than one that is down: callers are told within two seconds, and it recovers."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from smsgate import create_app
from smsgate.core import migrations
from smsgate.core.config import Settings
from smsgate.core.database import Database
from smsgate.groups import groups
from smsgate.service import Service, wire
from tests.support.people import TOKEN, Clock
from tests.support.store_link import Line, line_to
from tests.support.waiting import Stopwatch, eventually

SOON = 2.0  # seconds
AT_ONCE = 8  # callers
TROUBLE = "please try again in a few minutes"
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TABLES = "LOCK TABLE phones, members, inbounds IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def line(settings: Settings) -> Iterator[Line]:
    url = make_url(settings.database_url)
    with line_to(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}") as made:
        yield made


@pytest.fixture
def served(settings: Settings, clock: Clock) -> Iterator[Service]:
    yield from _wired(settings, clock)


@pytest.fixture
def linked(settings: Settings, clock: Clock, line: Line) -> Iterator[Service]:
    """Yield the service with a line to the database that can hang."""
    url = make_url(settings.database_url).set(host="127.0.0.1", port=line.port, query={})
    yield from _wired(replace(settings, database_url=url.render_as_string(hide_password=False)), clock)


def _wired(settings: Settings, clock: Clock) -> Iterator[Service]:
    service = wire(settings, now=clock.now)
    with service.database.transaction() as session:
        groups.create(session, "Tumaini", "Africa/Nairobi", service.now(), code="4521", listed=True)
    yield service
    service.database.engine.dispose()
    service.redis.close()


def dials(client: FlaskClient, number: int, typed: str = "") -> str:
    """Return a caller's screen; the call is new unless something was typed."""
    form = {"sessionId": f"s{number}", "phoneNumber": f"+2547110000{number:02}", "serviceCode": "*384*77#"}
    return client.post(f"/hooks/{TOKEN}/africastalking/ussd", data={**form, "text": typed}).get_data(as_text=True)


def sees_in_time(turn: Callable[[], str]) -> str:
    """Return the screen of a turn, which must come within two seconds."""
    watch = Stopwatch()
    screen = turn()
    assert watch.seconds() < SOON, screen
    return screen


def all_hear_so_in_time(service: Service, first: int = 10) -> None:
    """Check that several callers at once are told of the trouble within two seconds, and that a text gets a 503."""
    client = create_app(service).test_client

    def one(number: int) -> str:
        return sees_in_time(lambda: dials(client(), number))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        screens = list(threads.map(one, range(first, first + AT_ONCE)))
    assert [screen for screen in screens if not (screen.startswith("END ") and TROUBLE in screen)] == []


def works_again(service: Service, number: int = 40) -> None:
    client = create_app(service).test_client()
    eventually(lambda: dials(client, number).startswith("CON "), every=0.2)


@contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """Hold a database session open in which this statement was run, as if someone had forgotten it."""
    with psycopg.connect(url) as forgotten:
        forgotten.execute(statement)
        yield


@on_postgresql
def test_a_lock_on_a_table(served: Service) -> None:
    with held(served.settings.database_url, TABLES):
        all_hear_so_in_time(served)
    works_again(served)


@pytest.mark.by_day(1)
@on_postgresql
@pytest.mark.parametrize("way", ["hangs", "drips"])
def test_the_first_callers_of_a_process_do_not_wait_one_after_the_other(
    linked: Service, line: Line, clock: Clock, way: str
) -> None:
    new = wire(linked.settings, now=clock.now)
    if way == "hangs":
        line.hang()
    else:
        line.drip(0.02)  # it connects, but the first exchange takes too long
    all_hear_so_in_time(new)
    line.resume()
    new.database.engine.dispose()
    new.redis.close()


@pytest.mark.by_day(1)
@on_postgresql
@pytest.mark.parametrize("way", ["hangs", "drips"])
def test_a_server_that_is_stopped_or_a_network_that_takes_all_and_brings_little(
    linked: Service, line: Line, way: str
) -> None:
    works_again(linked, 30)
    if way == "hangs":
        line.hang()
    else:
        line.drip(0.2)
    for first in (10, 20):
        all_hear_so_in_time(linked, first)
    ready = create_app(linked).test_client()
    assert json.loads(sees_in_time(lambda: ready.get("/ready").text))["database"] is False
    line.resume()
    works_again(linked)


@on_postgresql
def test_a_statement_that_takes_long(served: Service) -> None:
    slow = "CREATE FUNCTION slow() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(9); RETURN NEW; END' LANGUAGE plpgsql"
    with psycopg.connect(served.settings.database_url, autocommit=True) as admin:
        admin.execute(slow)
        admin.execute("CREATE TRIGGER slow BEFORE INSERT ON inbounds FOR EACH ROW EXECUTE FUNCTION slow()")
        client = create_app(served).test_client()
        form = {"id": "m1", "from": "+254711000010", "text": "menu", "date": ""}
        watch = Stopwatch()
        assert client.post(f"/hooks/{TOKEN}/africastalking/sms", data=form).status_code == 503
        assert watch.seconds() < SOON
        admin.execute("DROP FUNCTION slow CASCADE")


@pytest.mark.by_night
@on_sqlite
def test_another_process_that_was_stopped_while_it_wrote(served: Service) -> None:
    client = create_app(served).test_client()
    for number in range(10, 10 + AT_ONCE):
        dials(client, number)
    other = sqlite3.connect(served.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = [threads.submit(texts, served, number) for number in range(AT_ONCE)]
            assert {answer.result() for answer in answers} == {503}
    finally:
        other.close()
    eventually(lambda: texts(served, 3) == 200, every=0.2)


def texts(service: Service, number: int) -> int:
    """Return the status of a callback with a text, which must come within two seconds."""
    form = {"id": f"m{number}", "from": f"+2547110000{number:02}", "text": "menu", "date": ""}
    watch = Stopwatch()
    answer = create_app(service).test_client().post(f"/hooks/{TOKEN}/africastalking/sms", data=form)
    assert watch.seconds() < SOON
    return answer.status_code


@pytest.mark.by_night
@on_postgresql
def test_a_lock_on_one_persons_row_holds_up_nobody_else(served: Service) -> None:
    row = text("SELECT id FROM groups WHERE id = :id FOR UPDATE")
    with served.database.transaction() as session:
        first = groups.find_group(session, "4521")
        other = groups.create(session, "Neema", "Africa/Nairobi", served.now(), code="4522")
        assert first
    with held(served.settings.database_url, f"SELECT id FROM groups WHERE id = {first.id} FOR UPDATE"):
        for _again in range(4):
            with pytest.raises(OperationalError), served.database.transaction() as session:
                session.execute(row, {"id": first.id})
            with served.database.transaction() as session:
                assert session.execute(row, {"id": other.id}).scalar() == other.id


@pytest.mark.by_night
@on_postgresql
def test_a_migration_waits_for_a_moment_at_a_time_and_is_made_in_the_end(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    monkeypatch.setattr(migrations, "_migrate", lambda database, _to: _adds_a_column(database, tries))
    with ThreadPoolExecutor(1) as other:
        with held(served.settings.database_url, "SELECT count(*) FROM phones"):
            migrating = other.submit(migrations.migrate, served.database)
            eventually(lambda: len(tries) > 2)
            client = create_app(served).test_client()
            assert sees_in_time(lambda: dials(client, 30)).startswith("CON ")
        migrating.result(60)
    works_again(served)
    with served.database.transaction() as session:  # the next test uses these tables
        session.execute(text("ALTER TABLE phones DROP COLUMN later"))


def _adds_a_column(database: Database, tries: list[float]) -> None:
    tries.append(time.monotonic())
    with database.transaction() as session:
        session.execute(text("ALTER TABLE phones ADD COLUMN later integer"))
