"""A notice to many people: once to each, in parts, by any number of workers, and to nobody who opts out meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from smsgate.core.config import Settings
from smsgate.gateways import Outcome, Verdict
from smsgate.gateways.rehearsal.ledger import read
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.wire import Call
from smsgate.groups import groups
from smsgate.models import Group, Lane, Member, Membership, Message, MessageStatus, Notice
from smsgate.models import Phone as Number
from smsgate.notices import notices
from smsgate.outbox import claims, queues, recording
from smsgate.service import Service
from smsgate.workers import drain, scheduler
from tests.support.outbox import Outbox, through
from tests.support.people import Clock, Phone
from tests.support.processes import environment
from tests.support.waiting import PATIENCE, eventually, wire_patiently

pytestmark = pytest.mark.both_databases

WORDS = "We meet at two"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with rehearsing(tmp_path / "ledger.jsonl", "instant") as made:
        yield made


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return through(settings, provider, batch=2)


@pytest.fixture
def members(service: Service, group: Group) -> list[str]:
    """Return the numbers of eight members of the group."""
    return join(service, group, 8)


def join(service: Service, group: Group, count: int) -> list[str]:
    """Add `count` people to the group and return their numbers."""
    now = service.now()
    numbers = [f"+25471300{n:04d}" for n in range(count)]
    with service.database.transaction() as session:
        session.execute(insert(Number), [{"number": number, "created_at": now} for number in numbers])
        ids = session.scalars(select(Number.id)).all()
        session.execute(insert(Member), [{"phone_id": one, "joined_at": now} for one in ids])
        rows = [
            {"member_id": one, "group_id": group.id, "joined_at": now} for one in session.scalars(select(Member.id))
        ]
        session.execute(insert(Membership), rows)
    return numbers


def sends(service: Service, group: Group) -> tuple[Notice, int]:
    with service.database.transaction() as session:
        return notices.send(session, session.get_one(Group, group.id), WORDS, service.now())


def queued(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def texted(provider: Provider) -> list[str]:
    """Return who got the text, each as often as they got it."""
    return sorted(number for number, _words in read(provider.ledger.path).copies.elements())


def drains(service: Service, lane: Lane = Lane.BULK) -> int:
    drain.use(service)
    return drain.drain(lane)


class Held:
    """A provider that keeps the first call waiting until it is released."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.came, self.go = provider, threading.Event(), threading.Event()
        self.in_the_air: list[str] = []  # the numbers of the first call
        provider.answers = self.answers

    def answers(self, call: Call) -> None:
        self.in_the_air = self.in_the_air or call.numbers
        self.came.set()
        assert self.go.wait(PATIENCE)
        self.provider.plays(call)


@contextmanager
def while_the_first_call_lasts(service: Service, provider: Provider, lane: Lane) -> Iterator[Held]:
    """Run the block after the first call has begun and before the second."""
    held = Held(provider)
    worker = threading.Thread(target=drains, args=(service, lane))
    worker.start()
    try:
        assert held.came.wait(PATIENCE)
        yield held
    finally:
        held.go.set()
        worker.join()


def test_a_large_notice_is_queued_in_parts_and_reaches_everybody_once(
    service: Service, provider: Provider, group: Group, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PART", 3)
    _notice, count = sends(service, group)
    assert count == 8
    assert queued(service) == 3
    assert drains(service) == 8
    assert texted(provider) == members


def test_a_notice_of_just_one_part_is_queued_whole(
    service: Service, group: Group, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PART", 8)
    sends(service, group)
    drains(service)
    with service.database.reading() as session:
        assert session.scalars(select(Notice)).one().queued_to is None
    assert queued(service) == 8


def test_of_a_stopped_notice_no_part_is_queued_any_more(
    service: Service, provider: Provider, group: Group, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PART", 3)
    notice, _count = sends(service, group)
    with service.database.transaction() as session:
        notices.stop(session, session.get_one(Notice, notice.id), service.now())
    assert drains(service) == 0
    assert (queued(service), texted(provider)) == (3, [])


def test_a_part_is_taken_up_by_the_next_worker_when_one_died_between_two(
    service: Service, provider: Provider, group: Group, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PART", 3)
    sends(service, group)
    with service.database.transaction() as session:  # as if the worker had sent what was queued and then been killed
        claimed = claims.claim(session, Lane.BULK, service.now(), 3) or []
        numbers = [one.number for one in claimed]
        recording.record(session, claimed, service.gateway.send(WORDS, numbers), service.now())
    service.redis.flushall()
    scheduler.run_scheduled_tasks(service)
    assert len(queues.queue(service.redis, "bulk")) == 1
    assert drains(service) == 5
    assert texted(provider) == members


def stops_by_text(service: Service, app: Flask, number: str) -> None:
    person = Phone(app.test_client(), service, number)
    person.writes("Stop!")
    drain.drain(queues.INBOUND)


def leaves(service: Service, _app: Flask, number: str) -> None:
    with service.database.transaction() as session:
        member = session.scalars(select(Member).join(Number).where(Number.number == number)).one()
        groups.leave(session, member, session.scalars(select(Group.id)).one(), service.now())


NoLonger = Callable[[Service, Flask, str], None]


@pytest.mark.parametrize("no_longer", [stops_by_text, leaves])
def test_who_says_stop_while_a_broadcast_leaves_is_not_texted(
    service: Service, provider: Provider, app: Flask, group: Group, members: list[str], no_longer: NoLonger
) -> None:
    sends(service, group)
    with while_the_first_call_lasts(service, provider, Lane.BULK) as held:
        # Pick someone whose text was not handed over yet: the database may return members in any order.
        somebody = next(number for number in members if number not in held.in_the_air)
        no_longer(service, app, somebody)
    assert texted(provider) == [number for number in members if number != somebody]


def test_a_stopped_notice_ends_with_the_call_that_is_on_its_way(
    service: Service, provider: Provider, group: Group, members: list[str]
) -> None:
    notice, _count = sends(service, group)
    with while_the_first_call_lasts(service, provider, Lane.BULK), service.database.transaction() as session:
        notices.stop(session, session.get_one(Notice, notice.id), service.now())
    told = texted(provider)  # the database may return the members in any order
    assert len(told) == 2
    assert set(told) <= set(members)
    with service.database.reading() as session:
        assert notices.progress(session, notice) == {MessageStatus.SENT: 2, MessageStatus.WITHDRAWN: 6}


def test_who_says_stop_after_the_claim_and_before_the_call_is_not_texted(
    service: Service, provider: Provider, app: Flask, clock: Clock
) -> None:
    outbox = Outbox(service)
    texts = [outbox.draft(words=f"Text {n}", key="x", expires_at=clock.now() + timedelta(hours=1)) for n in range(2)]
    made = outbox.queues(*texts)  # two texts: one claim, two calls
    with service.database.reading() as session:
        last = session.get_one(Number, texts[1].phone_id).number
    with while_the_first_call_lasts(service, provider, Lane.NORMAL):
        assert [outbox.state(one) for one in made] == ["sending", "sending"]
        stops_by_text(service, app, last)
        time.sleep(drain.RECHECK_SECONDS + 0.1)  # the claim is old enough to be rechecked
    assert [outbox.state(one) for one in made] == ["sent", "withdrawn"]
    assert "Text 1" not in {words for _number, words in read(provider.ledger.path).copies}


@pytest.fixture
def three_workers(settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """Yield the service on the real clock, since processes know no other, with three worker processes listening."""
    env = {**os.environ, **environment(settings), "SMSGATE_BATCH": "50"}
    (tmp_path / "smsgate").symlink_to(Path(__file__).parent.parent.parent / "smsgate")
    made = wire_patiently(settings)
    with ExitStack() as ending:
        ending.callback(made.close)
        for _ in range(3):
            process = subprocess.Popen([sys.executable, "-m", "smsgate", "worker", "bulk"], env=env, cwd=tmp_path)
            ending.callback(process.wait)
            ending.callback(process.kill)
        eventually(lambda: made.redis.scard("rq:workers:bulk") == 3)
        yield made


@pytest.mark.by_night
@pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.by_night), "postgresql"], indirect=True
)  # SQLite is meant for one process of each kind
@pytest.mark.xdist_group("processes")
def test_three_worker_processes_share_a_broadcast_and_double_nothing(
    three_workers: Service, provider: Provider, group: Group
) -> None:
    with three_workers.database.transaction() as session:  # the real clock may show any hour
        here = session.get_one(Group, group.id)
        here.quiet_from = here.quiet_until = None
    numbers = join(three_workers, group, 2 * notices.PART + 1)
    all_in_a_call, calls = threading.Barrier(3), count()

    def answers(call: Call) -> None:
        if next(calls) < 3:
            all_in_a_call.wait(PATIENCE)
        provider.plays(call)

    provider.answers = answers
    sends(three_workers, group)
    eventually(lambda: len(texted(provider)) >= len(numbers), every=0.3, found=lambda: len(texted(provider)))
    assert not all_in_a_call.broken
    assert texted(provider) == numbers


def steps(service: Service, act: Callable[[Session], object]) -> int:
    """Return how many thousand steps SQLite takes for `act`."""
    ticks = count()
    with service.database.transaction() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(lambda: next(ticks) < 0, 1000)
        act(session)
        driver.set_progress_handler(None, 0)
    return next(ticks)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_call_says_costs_as_much_for_each_of_many_as_for_each_of_few(service: Service, group: Group) -> None:
    join(service, group, 1000)
    sends(service, group)
    cost = {}
    for many in (200, 800):
        with service.database.transaction() as session:
            claimed = claims.claim(session, Lane.BULK, service.now(), many) or []
        said = [Outcome(one.number, Verdict.ACCEPTED, f"ATXid_{one.id}") for one in claimed]
        cost[many] = steps(service, lambda session: recording.record(session, claimed, said, service.now()))  # noqa: B023
    assert cost[800] < 6 * cost[200]
