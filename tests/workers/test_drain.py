"""How a drain calls a gateway: equal texts in one call, help texts one by one, and fewer calls to a failing one."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis
from rq.utils import import_attribute
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from smsgate.gateways import Outcome, SendError, Verdict
from smsgate.models import Lane, MessageKind, Phone
from smsgate.outbox import queues, recording
from smsgate.service import Service
from smsgate.workers import drain, worker
from smsgate.workers.stopping import stopping
from tests.support.outbox import Outbox
from tests.support.people import Clock
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.both_databases
HELP = "Habari"  # the words of `Outbox.help`


class Scripted:
    """A fake gateway that answers as the test wants."""

    name = "scripted"

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.trouble: Exception | None = None
        self.verdict = Verdict.ACCEPTED

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        self.calls.append((words, list(numbers)))
        if self.trouble:
            raise self.trouble
        return [Outcome(n, self.verdict, f"ID_{len(self.calls)}_{n[-5:]}") for n in numbers]


@pytest.fixture
def gateway() -> Scripted:
    return Scripted()


@pytest.fixture
def outbox(service: Service, gateway: Scripted) -> Iterator[Outbox]:
    changed = dataclasses.replace(service, gateway=gateway, settings=dataclasses.replace(service.settings, batch=5))
    drain.use(changed)
    stopping.clear()
    yield Outbox(changed)
    stopping.clear()


def bulk(outbox: Outbox, count: int, words: str = "Notice") -> list[int]:
    drafts = [outbox.draft(words=words, lane=Lane.BULK, kind=MessageKind.INVITATION, key="x") for _ in range(count)]
    return outbox.queues(*(dataclasses.replace(draft, kind=MessageKind.REPLY) for draft in drafts))


def test_equal_texts_go_together_up_to_the_limit(outbox: Outbox, gateway: Scripted) -> None:
    bulk(outbox, 12)
    bulk(outbox, 1, "Another")
    assert drain.drain("bulk") == 13
    assert sorted(len(numbers) for _words, numbers in gateway.calls) == [1, 2, 5, 5]


def test_a_number_stands_once_in_a_call(outbox: Outbox, gateway: Scripted) -> None:
    phone = outbox.phone()
    made = outbox.queues(outbox.draft(phone.id, key="a"), outbox.draft(phone.id, key="b"))
    drain.drain("normal")
    assert [len(numbers) for _words, numbers in gateway.calls] == [1, 1]
    assert len({outbox.row(one).provider_id for one in made}) == 2


def test_help_texts_go_one_by_one(outbox: Outbox, gateway: Scripted) -> None:
    for _ in range(3):
        outbox.help()
    drain.drain("urgent")
    assert [len(numbers) for _words, numbers in gateway.calls] == [1, 1, 1]


class Slow(Scripted):
    """A fake gateway that answers only help texts until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.called, self.goes_on = threading.Event(), threading.Event()

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        if words != HELP:
            self.called.set()
            assert self.goes_on.wait(PATIENCE)
        return super().send(words, numbers)


def test_slow_numbers_hold_up_no_help_text(service: Service) -> None:
    gateway = Slow()
    outbox = Outbox(dataclasses.replace(service, gateway=gateway))
    news = [
        outbox.queues_one(words=f"News {n}", kind=MessageKind.HELP_NEWS, lane=Lane.URGENT, key=f"news:{n}")
        for n in range(12)
    ]
    drain.use(outbox.service)
    with ThreadPoolExecutor(1) as worker_thread:
        draining = worker_thread.submit(drain.drain, "urgent")
        assert gateway.called.wait(PATIENCE)
        made, *_ = outbox.help()
        eventually(lambda: outbox.state(made) == "sent", found=lambda: outbox.state(made))
        assert "sent" not in {outbox.state(one) for one in news}
        gateway.goes_on.set()
        assert draining.result() == 13
    assert {outbox.state(one) for one in news} == {"sent"}


def test_what_nobody_wants_any_more_does_not_end_the_drain(outbox: Outbox, gateway: Scripted, clock: Clock) -> None:
    made = bulk(outbox, 12)
    for one in made[:11]:
        with outbox.service.database.transaction() as session:
            session.get_one(Phone, outbox.row(one).phone_id).stopped_at = clock.now()
    assert drain.drain("bulk") == 1
    assert outbox.state(made[11]) == "sent"


TROUBLES: list[tuple[Exception, bool]] = [
    (SendError(Verdict.RETRY, "no connection"), False),
    (SendError(Verdict.PAUSED, "HTTP 401"), False),
    (SendError(Verdict.UNKNOWN, "read timeout"), True),
    (RuntimeError("a bug"), True),
]


@pytest.mark.parametrize(("trouble", "loses"), TROUBLES, ids=str)
def test_a_gateway_in_trouble_is_left_alone_for_longer_each_time(
    outbox: Outbox, gateway: Scripted, clock: Clock, trouble: Exception, loses: bool
) -> None:
    made = bulk(outbox, 23)
    gateway.trouble = trouble
    calls = []
    for _ in range(60):  # ten minutes of an outage, with the scheduler's wake-up every ten seconds
        drain.drain("bulk")
        calls.append(len(gateway.calls))
        clock.time += timedelta(seconds=10)
    assert calls[0] == 1
    assert len(gateway.calls) <= 8
    gateway.trouble = None
    for _ in range(30):  # five minutes after the recovery nothing is waiting
        clock.time += timedelta(seconds=10)
        drain.drain("bulk")
    states = [outbox.state(one) for one in made]
    lost = states.count("unknown")
    assert states.count("sent") == 23 - lost
    assert (lost > 0) is loses


def test_out_of_credit_stops_the_broadcast_but_not_the_help(outbox: Outbox, gateway: Scripted, clock: Clock) -> None:
    bulk(outbox, 12)
    gateway.verdict = Verdict.PAUSED
    drain.drain("bulk")
    assert len(gateway.calls) == 1
    for _ in range(3):
        outbox.help()
    drain.drain("urgent")
    assert len(gateway.calls) == 4  # every help text is attempted


def test_help_is_tried_again_within_seconds(outbox: Outbox, gateway: Scripted, clock: Clock) -> None:
    made, *_ = outbox.help()
    gateway.trouble = SendError(Verdict.RETRY, "no connection")
    drain.drain("urgent")
    gateway.trouble = None
    clock.time += timedelta(seconds=8)
    drain.drain("urgent")
    assert outbox.state(made) == "sent"


def test_a_process_that_is_told_to_go_hands_back_what_it_did_not_send(
    outbox: Outbox, gateway: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [outbox.queues_one(words=f"Text {n}") for n in range(4)]
    carries = gateway.send

    def told_to_go(words: str, numbers: Sequence[str]) -> list[Outcome]:
        stopping.set()
        return carries(words, numbers)

    monkeypatch.setattr(gateway, "send", told_to_go)
    drain.drain("normal")
    assert sorted(outbox.state(one) for one in made) == ["sent", "waiting", "waiting", "waiting"]


def test_no_call_begins_when_the_lease_could_run_out_under_it(
    outbox: Outbox, gateway: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        outbox.queues_one(words=f"Text {n}")
    monkeypatch.setattr(drain, "LOT_SECONDS", 0.0)
    monkeypatch.setattr(drain, "JOB_SECONDS", 0.2)
    assert drain.drain("normal") == 0
    assert gateway.calls == []
    monkeypatch.undo()
    assert drain.drain("normal") == 3


def test_a_busy_database_does_not_lose_what_the_gateway_said(
    outbox: Outbox, gateway: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outbox.queues_one()
    records, failures = recording.record, iter([True, False])

    def busy(*args: object) -> list[int]:
        if next(failures):
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return records(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "record", busy)
    drain.drain("normal")
    assert outbox.state(made) == "sent"


def test_a_wake_up_is_one_job_until_the_drain_begins(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        for _ in range(5):
            queues.wake(redis, "bulk")
        assert len(queues.queue(redis, "bulk")) == 1
        queues.clear_wake(redis, "bulk")
        queues.wake(redis, "bulk")
        assert len(queues.queue(redis, "bulk")) == 2
        job = queues.queue(redis, "bulk").jobs[0]
        assert (job.func_name, list(job.args), job.failure_ttl) == ("smsgate.workers.drain.drain", ["bulk"], 86_400)
        assert job.result_ttl == 0


def test_a_redis_that_is_gone_is_told_once_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "_link", queues._Link())
    with capture_logs() as told, Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.1) as redis:
        for _ in range(3):
            queues.wake(redis, "urgent")
            queues.clear_wake(redis, "urgent")
    assert [one["event"] for one in told] == ["redis_away"]


def test_a_job_that_the_release_before_this_one_enqueued_is_run() -> None:
    assert worker.LaneWorker is not None  # a worker process has imported this module
    assert import_attribute("smsgate.jobs.drain") is drain.drain
