"""Redis or the database is down: callers get a short END at once, the provider repeats texts, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url, select

from smsgate import create_app
from smsgate.conversations.sessions import SessionStore
from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import queues
from smsgate.service import Service, wire
from smsgate.workers import drain
from tests.support.people import Clock, Phone
from tests.support.store_link import Line, line_to
from tests.support.stories import agrees, joins
from tests.support.waiting import Stopwatch

AMINA, JUMA = "+254711000001", "+254711000002"
SOON = 2.0  # seconds


@pytest.fixture
def redis_line(redis_url: str) -> Iterator[Line]:
    with line_to(redis_url.removeprefix("unix://")) as line:
        yield line


@pytest.fixture
def frail_redis(settings: Settings, redis_line: Line, clock: Clock) -> Iterator[Service]:
    """Yield the service with a line to Redis that can be cut."""
    yield from _wired(replace(settings, redis_url=f"redis://127.0.0.1:{redis_line.port}"), clock)


def _wired(settings: Settings, clock: Clock) -> Iterator[Service]:
    service = wire(settings, now=clock.now)
    with service.database.transaction() as session:
        groups.create(session, "Tumaini", "Africa/Nairobi", service.now(), code="4521", listed=True)
    yield service
    service.database.engine.dispose()
    service.redis.close()


def people(service: Service) -> tuple[Phone, Phone]:
    client = create_app(service).test_client()
    return Phone(client, service, AMINA), Phone(client, service, JUMA)


def ends_at_once(phone: Phone) -> None:
    """Check that a caller gets a short text within two seconds, and that the call ends."""
    watch = Stopwatch()
    phone.handset.dials()
    assert watch.seconds() < SOON
    phone.sees("please try again in a few minutes")
    assert not phone.in_a_call


def test_without_redis_a_call_ends_at_once_and_goes_on_when_it_is_back(frail_redis: Service, redis_line: Line) -> None:
    amina, juma = people(frail_redis)
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1")
    redis_line.cut()
    watch = Stopwatch()
    amina.types("2")
    assert watch.seconds() < SOON
    amina.sees("please try again")
    ends_at_once(amina)
    redis_line.mend()
    amina.dials(None, "1", "2")
    amina.sees("on its way to 1 person")
    juma.hears("Please get in touch with me")


@pytest.mark.by_night
def test_while_redis_hangs_the_ends_of_calls_keep_no_thread_from_the_next_caller(
    frail_redis: Service, redis_line: Line
) -> None:
    amina, juma = people(frail_redis)
    joins(amina)
    joins(juma)
    redis_line.hang()
    watch = Stopwatch()
    for phone in (amina, juma, amina, juma):
        phone.handset.post("ussd/end", {"sessionId": "ATUid_1", "phoneNumber": phone.number, "status": "Success"})
    assert watch.seconds() < SOON
    redis_line.resume()


def test_a_turn_that_never_ended_holds_its_caller_up_for_seconds_only(service: Service) -> None:
    """Its process may have been killed, or its line to Redis cut just before it released the session."""
    amina, _juma = people(service)
    lost = SessionStore(service.redis, service.keyring).locked(f"ussd {AMINA}")
    lost.__enter__()
    amina.dials()
    amina.sees("English")


def test_without_redis_a_text_is_kept_and_worked_on_when_it_is_back(frail_redis: Service, redis_line: Line) -> None:
    amina, _juma = people(frail_redis)
    joins(amina)
    redis_line.cut()
    watch = Stopwatch()
    assert amina.handset.texts("menu", message_id="m1") == 200
    assert watch.seconds() < SOON
    redis_line.mend()
    amina.hears("1 Send my help text")


def test_without_redis_who_says_stop_is_heard_though_another_text_waits(frail_redis: Service, redis_line: Line) -> None:
    amina, juma = people(frail_redis)
    joins(amina)
    joins(juma)
    redis_line.cut()
    amina.handset.texts("menu")
    juma.handset.texts("stop")
    drain.use(frail_redis)
    drain.drain(queues.INBOUND)
    with frail_redis.database.reading() as session:
        stopped = session.scalars(select(PhoneRow.number).where(PhoneRow.stopped_at.is_not(None))).all()
    assert stopped == [JUMA]
    redis_line.mend()
    amina.hears("1 Send my help text")
    juma.hears("You'll get no more texts")


def test_a_help_text_that_was_confirmed_leaves_though_redis_went_away(frail_redis: Service, redis_line: Line) -> None:
    """The wake-up is lost, but the message is in the database."""
    amina, juma = people(frail_redis)
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    frail_redis.redis.flushall()
    juma.hears("Please get in touch with me")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_database_a_call_ends_and_a_text_is_refused(settings: Settings, clock: Clock) -> None:
    url = make_url(settings.database_url)
    host = url.query["host"]
    with line_to(f"{host}/.s.PGSQL.{url.port or 5432}") as line:
        through = url.set(host="127.0.0.1", port=line.port, query={}).render_as_string(hide_password=False)
        for service in _wired(replace(settings, database_url=through), clock):
            amina, _juma = people(service)
            joins(amina)
            amina.dials(None, "6")
            line.cut()
            screen = amina.types("2")  # what needs no database still works
            assert "What name should your people see?" in screen
            amina.drops()
            watch = Stopwatch()
            assert amina.handset.texts("menu", message_id="m1") == 503
            assert watch.seconds() < SOON
            service.redis.flushall()
            ends_at_once(amina)
            line.mend()
            assert "1 Send my help text" in amina.texts("menu", message_id="m1")
            amina.dials()
            amina.sees("1 Send my help text")
