"""The circuit breaker opens for a failing gateway, probes with one text and closes; processes and monitors see it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.wire import Call
from smsgate.outbox.calls import dispatch
from smsgate.outbox.calls.circuit_breaker import (
    PAUSE_SECONDS,
    PROBE_SECONDS,
    Circuit,
    CircuitRecord,
    CircuitState,
    after_admission,
    after_call,
)
from tests.support.accounts import Accounts, accepts, accounts, is_busy, refuses, says
from tests.support.people import START, Clock
from tests.support.store_link import line_to


@pytest.fixture
def one(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, fallback_username="", fallback_api_key="") as made:
        yield made


def stand(one: Accounts) -> str:
    return str(one.ready()["gateways"]["africastalking"]["circuit"])


def test_it_opens_probes_with_one_text_and_closes_and_watchers_see_it(one: Accounts) -> None:
    made = one.broadcast(12)
    one.first.answers = is_busy
    one.works()
    assert len(one.first.calls) == 1
    assert one.ready()["gateways"]["africastalking"] == {"circuit": "open", "why": "HTTP 503", "credit": "enough"}
    assert 'smsgate_circuit_open{gateway="africastalking"} 1.0' in one.figures()
    one.passes(seconds=PAUSE_SECONDS[0] + 1)
    assert [len(call.numbers) for call in one.first.calls] == [5, 1]
    one.passes(seconds=PAUSE_SECONDS[0] + 1)  # this pause is longer than the first
    assert len(one.first.calls) == 2
    one.first.answers = accepts
    one.clock.time += timedelta(seconds=PAUSE_SECONDS[1])
    assert stand(one) == "half-open"
    one.passes(minutes=2)
    assert stand(one) == "closed"
    assert 'smsgate_circuit_open{gateway="africastalking"} 0.0' in one.figures()
    assert {one.outbox.state(row) for row in made} == {"sent"}


def test_an_open_circuit_does_not_make_the_service_unready(one: Accounts) -> None:
    """Otherwise a load balancer would take the web process out, and callers with it."""
    one.first.answers = refuses
    one.broadcast(1)
    one.works()
    assert stand(one) == "open"
    assert one.client.get("/ready").status_code == 200


def test_a_lane_knows_what_another_one_found_out(one: Accounts) -> None:
    one.first.answers = is_busy
    one.outbox.queues_one()
    one.works()
    one.broadcast(3)
    one.works()
    assert len(one.first.calls) == 1


def test_a_help_text_gets_through_an_open_circuit_and_closes_it(one: Accounts) -> None:
    one.first.answers = is_busy
    one.broadcast(5)
    one.works()
    one.first.answers = accepts
    made, *_ = one.outbox.help()
    one.works()
    assert one.outbox.state(made) == "sent"
    assert stand(one) == "closed"


def test_help_texts_that_fail_do_not_make_the_others_wait_longer(one: Accounts) -> None:
    one.first.answers = is_busy
    one.broadcast(5)
    for _ in range(10):
        one.outbox.help()
    one.works()
    one.first.answers = accepts
    one.broadcast(1, "Later")
    one.passes(seconds=PAUSE_SECONDS[0] + 1)
    assert "Later" in one.texts(one.first)


def test_a_gateway_that_is_slow_is_in_trouble_though_it_takes_what_it_gets(
    one: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "SLOW_SECONDS", 0.2)

    def slowly(call: Call) -> None:
        time.sleep(0.3)
        accepts(call)

    made = one.broadcast(12)
    one.first.answers = slowly
    one.works()
    assert one.ready()["gateways"]["africastalking"]["why"] == "slow"
    assert [one.outbox.state(row) for row in made].count("sent") == 5


def test_a_person_s_trouble_is_not_the_gateway_s(one: Accounts) -> None:
    one.first.answers = says(501)
    one.outbox.queues_one()
    one.works()
    assert stand(one) == "closed"
    one.broadcast(5)
    one.works()
    assert stand(one) == "open"  # all five failed


def test_of_many_processes_one_probes(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        several = [Circuit(redis, "gateway") for _ in range(5)]
        several[0].record_result("no connection", START)
        assert not any(circuit.may_call(START) for circuit in several)
        later = START + timedelta(seconds=PAUSE_SECONDS[0])
        assert [circuit.may_call(later) for circuit in several].count(True) == 1
        much_later = later + timedelta(seconds=PROBE_SECONDS)  # the probing process died
        assert [circuit.may_call(much_later) for circuit in several].count(True) == 1
        several[3].record_result(None, much_later)
        several[4].record_result(None, much_later)
        assert all(circuit.may_call(much_later) for circuit in several)


def test_without_redis_each_process_goes_by_what_it_knows(redis_url: str) -> None:
    with line_to(redis_url.removeprefix("unix://")) as line, Redis.from_url(
        f"redis://127.0.0.1:{line.port}", socket_timeout=1, socket_connect_timeout=1
    ) as redis:  # fmt: skip
        mine, other = Circuit(redis, "gateway"), Circuit(redis, "gateway")
        mine.record_result("no connection", START)
        assert not mine.may_call(START)
        line.cut()
        assert not mine.may_call(START)
        assert mine.shared() is None
        assert other.may_call(START)
        later = START + timedelta(seconds=PAUSE_SECONDS[0])
        assert mine.may_call(later)
        mine.record_result(None, later)
        assert mine.may_call(later)


def test_what_another_release_wrote_holds_nobody_up(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.set("circuit:gateway", '{"another": 1}')
        circuit = Circuit(redis, "gateway")
        assert circuit.may_call(START)
        circuit.record_result("no connection", START)
        assert not Circuit(redis, "gateway").may_call(START)


@given(st.lists(st.tuples(st.sampled_from(["good", "bad", "probe"]), st.integers(0, 400))))
def test_whatever_happens_it_rests_minutes_at_most_and_one_success_closes_it(story: list[tuple[str, int]]) -> None:
    known, now = CircuitRecord(), datetime(2026, 11, 23, tzinfo=UTC)
    for event, seconds in story:
        now += timedelta(seconds=seconds)
        known = (
            after_admission(known, now) if event == "probe" else after_call(known, "x" if event == "bad" else None, now)
        )
        assert event != "good" or known.state_at(now) is CircuitState.CLOSED
        assert event != "bad" or known.state_at(now) is CircuitState.OPEN
        assert not known.rests(now + timedelta(seconds=max(PAUSE_SECONDS) + PROBE_SECONDS))
