"""If the machine's or Redis's clock goes back an hour, nothing is held up for longer than a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis

from smsgate.conversations.sessions import SessionStore
from smsgate.meetings import meetings
from smsgate.models import Group, Lane
from smsgate.outbox import limits, queues
from smsgate.outbox.calls.circuit_breaker import Circuit
from smsgate.outbox.calls.rate_limit import RateLimit
from smsgate.service import Service
from smsgate.web.console.accounts import growing_waits
from smsgate.workers import clock_steps, scheduler
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone, passes
from tests.support.stories import joins

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=1)
HOUR_MS = 3_600_000


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def runs(service: Service, clock: Clock, seconds: int) -> None:
    """Run the scheduler every five seconds."""
    for _time in range(seconds // 5):
        clock.time += timedelta(seconds=5)
        scheduler.run_scheduled_tasks(service, forgetting=False)


@pytest.mark.both_databases
def test_a_text_that_waits_leaves(service: Service, outbox: Outbox, clock: Clock) -> None:
    scheduler.run_scheduled_tasks(service)
    outbox.queues_one()
    clock.time -= HOUR
    assert outbox.claims() == []
    runs(service, clock, 10)
    assert len(outbox.claims()) == 1


@pytest.mark.both_databases
def test_what_a_dead_worker_held_is_taken_back(service: Service, outbox: Outbox, clock: Clock) -> None:
    scheduler.run_scheduled_tasks(service)
    made = outbox.queues_one()
    assert len(outbox.claims()) == 1
    clock.time -= HOUR
    runs(service, clock, 60)
    if service.database.engine.dialect.name == "sqlite":  # PostgreSQL has its own clock
        assert outbox.state(made) == "waiting"


def test_a_circuit_is_tried_again(service: Service, clock: Clock) -> None:
    circuit = Circuit(service.redis, "africastalking")
    for _time in range(5):
        circuit.record_result("connection dropped", clock.now())
        clock.time += timedelta(seconds=130)
    circuit.record_result("connection dropped", clock.now())
    assert not circuit.may_call(clock.now())
    clock.time -= HOUR
    assert circuit.may_call(clock.now())
    assert circuit.seen().calm(clock.now() + SOON)


def test_the_pace_goes_on(service: Service) -> None:
    pace = RateLimit(service.redis, "africastalking", 10)
    assert pace.wait(Lane.BULK, 5) == 0
    due = float(service.redis.get("rate:africastalking") or 0)
    service.redis.set("rate:africastalking", f"{due + HOUR_MS * 1000:.0f}", px=2 * HOUR_MS)
    assert pace.wait(Lane.BULK, 5) == 0
    assert 0 < pace.wait(Lane.BULK, 5) < 1


def test_a_turn_whose_process_died_blocks_nobody(service: Service) -> None:
    store = SessionStore(service.redis, service.keyring)
    lost = store.locked("ussd +254711000001")
    lost.__enter__()
    (lock,) = service.redis.keys("turn:*")
    service.redis.pexpire(lock, HOUR_MS)
    with store.locked("ussd +254711000001", patience=0.1) as locked:
        assert locked.stored is None


def test_a_lane_is_woken(service: Service) -> None:
    service.redis.set("wake:urgent", 1, px=HOUR_MS)
    queues.wake(service.redis, "urgent")
    assert queues.queue(service.redis, "urgent").count == 1
    queues.wake(service.redis, "urgent")
    assert queues.queue(service.redis, "urgent").count == 1


def test_counted_tries_are_forgotten(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.set("LIMITS:limits/x", 5, px=HOUR_MS)
        clock_steps.follow_redis_clock(redis)
        assert redis.exists("LIMITS:limits/x")
        redis.set(clock_steps.REDIS_SEEN, clock_steps._time(redis) + 3600)
        clock_steps.follow_redis_clock(redis)
        assert not redis.exists("LIMITS:limits/x")
        clock_steps.follow_redis_clock(redis)


@pytest.mark.both_databases
def test_a_wait_for_app_codes_and_a_used_up_limit_end_when_they_would_have(service: Service, clock: Clock) -> None:
    guess = limits.Caused(limits.Cause.GUESS, "+254711000001")
    scheduler.run_scheduled_tasks(service)
    with service.database.transaction() as session:
        for _time in range(growing_waits.FREE + 1):
            growing_waits.note_wrong(session, "somebody", clock.now())
        while limits.take(session, guess, clock.now()):
            pass
    clock.time += timedelta(minutes=30)
    with service.database.transaction() as session:
        for _time in range(3):
            growing_waits.note_wrong(session, "somebody", clock.now())
    runs(service, clock, 5)
    clock.time -= HOUR
    runs(service, clock, 5)
    with service.database.transaction() as session:
        assert timedelta(0) < growing_waits.wait_left(session, "somebody", clock.now()) <= timedelta(minutes=16)
        assert not limits.has_room(session, guess, clock.now())
    clock.time += timedelta(minutes=31)
    with service.database.transaction() as session:
        assert not growing_waits.wait_left(session, "somebody", clock.now())
        assert limits.has_room(session, guess, clock.now())


@pytest.mark.both_databases
def test_a_meeting_is_reminded_of_though_the_clock_was_ahead_of_it(
    service: Service, amina: Phone, group: Group, clock: Clock
) -> None:
    joins(amina)
    scheduler.run_scheduled_tasks(service, forgetting=False)
    clock.time += timedelta(days=3)  # wrong for a moment
    scheduler.run_scheduled_tasks(service, forgetting=False)
    clock.time -= timedelta(days=3)
    runs(service, clock, 5)
    with service.database.transaction() as session:
        session.add(group)
        meetings.plan(session, group, datetime(2026, 11, 24, 14, 0), "Community hall", service.now())
    passes(service, clock, hours=25, minutes=59)
    amina.hears("Reminder: Tue 24 Nov 14:00")
