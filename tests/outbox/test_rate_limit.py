"""A gateway's rate limit: shared by all processes, help texts first, and a safe share without Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.provider import Provider
from smsgate.models import Lane
from smsgate.outbox import queues
from smsgate.outbox.calls.rate_limit import SHARE, RateLimit, most_in_a_call
from tests.support.accounts import Accounts, accounts
from tests.support.outbox import Outbox
from tests.support.people import Clock
from tests.support.processes import Starts, becomes, listening

SLOW = 20  # texts a second


def going(rate: RateLimit, lane: Lane, texts: int, most: int = 100) -> int:
    """Return how many such calls may be made right now."""
    return next((n for n in range(most) if rate.wait(lane, texts) > 0), most)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as made:
        yield made


def test_two_rates_of_one_gateway_are_one(redis: Redis) -> None:
    first, second = RateLimit(redis, "a", 1), RateLimit(redis, "a", 1)
    assert first.wait(Lane.BULK, 5) == 0.0
    assert 4.0 < second.wait(Lane.BULK, 5) <= 4.8
    assert RateLimit(redis, "b", 1).wait(Lane.BULK, 5) == 0.0


def test_the_wait_that_is_told_is_long_enough(redis: Redis) -> None:
    rate = RateLimit(redis, "a", SLOW)
    assert rate.wait(Lane.BULK, 10) == 0.0
    time.sleep(rate.wait(Lane.BULK, 10))
    assert rate.wait(Lane.BULK, 10) == 0.0


def test_help_does_not_wait_for_a_broadcast_and_a_broadcast_waits_for_help(redis: Redis) -> None:
    rate = RateLimit(redis, "a", 1)
    assert rate.wait(Lane.BULK, 100) == 0.0
    assert rate.wait(Lane.NORMAL, 1) > 90
    assert going(rate, Lane.URGENT, 1) >= 1
    assert rate.wait(Lane.BULK, 1) > 100


def test_help_too_has_a_pace(redis: Redis) -> None:
    assert 2 <= going(RateLimit(redis, "a", 2), Lane.URGENT, 1) < 100


def test_other_texts_may_be_a_little_ahead_of_a_broadcast(redis: Redis) -> None:
    rate = RateLimit(redis, "a", 10)
    assert rate.wait(Lane.BULK, 8) == 0.0
    assert rate.wait(Lane.BULK, 8) > 0
    assert rate.wait(Lane.NORMAL, 1) == 0.0


@pytest.mark.parametrize("lane", Lane)
def test_no_limit_is_none(lane: Lane) -> None:
    with Redis.from_url("redis://127.0.0.1:1") as nowhere:
        assert going(RateLimit(nowhere, "a", 0), lane, 1000) == 100


def test_without_redis_a_process_takes_its_share() -> None:
    with Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.1) as nowhere:
        rate = RateLimit(nowhere, "a", SHARE)
        assert rate.wait(Lane.BULK, 3) == 0.0
        assert 2.0 < rate.wait(Lane.BULK, 1) <= 3.0
        assert rate.wait(Lane.URGENT, 1) == 0.0


def test_a_call_is_no_larger_than_a_second_s_worth() -> None:
    assert [most_in_a_call(100, rate) for rate in (0, 10, 500)] == [100, 10, 100]


@pytest.fixture
def slow(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, rate=SLOW, batch=100) as made:
        yield made


def took(action: Callable[[], None]) -> float:
    before = time.monotonic()
    action()
    return time.monotonic() - before


@pytest.mark.by_night
def test_a_broadcast_leaves_at_the_pace_and_help_meanwhile_at_once(slow: Accounts) -> None:
    slow.broadcast(50)
    assert took(slow.works) >= (50 - SLOW) / SLOW - 0.2
    assert max(len(call.numbers) for call in slow.first.calls) == SLOW
    made, *_ = slow.outbox.help()
    slow.works()
    assert slow.outbox.state(made) == "sent"


@pytest.mark.by_night
@pytest.mark.xdist_group("processes")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_worker_processes_keep_one_pace(outbox: Outbox, carrier: Provider, starts: Starts) -> None:
    redis_url = outbox.service.settings.redis_url
    for _ in range(2):
        starts("worker", "bulk", SMSGATE_RATE=str(SLOW), SMSGATE_BATCH="5")
    listening(redis_url, "bulk", 2)
    made = outbox.queues(*(outbox.draft(lane=Lane.BULK, words="A notice") for _ in range(120)))
    with Redis.from_url(redis_url) as redis:
        queues.queue(redis, "bulk").enqueue(queues.DRAIN, "bulk")  # wakes the other worker
    for one in made:
        becomes(outbox, one, "sent")
    texts = sum(len(call.numbers) for call in carrier.calls)
    took = carrier.calls[-1].at - carrier.calls[0].at
    assert texts == 120
    assert len({call.handler.client_address for call in carrier.calls}) >= 2, "one of them did nothing"
    # A burst of a fifth of a second and the first call are free; with separate limits two processes would take half.
    assert took >= (120 - 5) / SLOW - 0.5, f"{texts / took:.0f} a second"
