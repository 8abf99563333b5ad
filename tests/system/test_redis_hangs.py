"""A hanging Redis, which is worse than a dead one: it accepts every request and answers none, or all of them late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import house
from bench.processes import free_port, listening
from smsgate.gateways.handset import Handset
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.scenarios import SCENARIOS
from smsgate.models import Lane
from smsgate.outbox import queues
from tests.support.installation import (
    CLOCK,
    RESPONDERS,
    Installation,
    copies_with,
    installed,
    notices,
    settings,
    taken,
    worker,
)
from tests.support.store_link import Line, line_to
from tests.support.waiting import Stopwatch, eventually

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PATIENCE = 8.0  # seconds that a network waits for a turn, including transmission
SECONDS = 15.0  # in which a help text is sent, however busy the machine; it once took over 50
COMMANDS = (("smsgate", "web"), *(worker(queue) for queue in (*Lane, queues.INBOUND)), CLOCK)


@pytest.fixture
def line(redis_url: str) -> Iterator[Line]:
    with line_to(redis_url.removeprefix("unix://")) as made:
        yield made


@pytest.fixture
def web() -> int:
    return free_port()


@pytest.fixture
def provider(tmp_path: Path, web: int) -> Iterator[Provider]:
    hooks = f"http://127.0.0.1:{web}{house.HOOKS}"
    with rehearsing(tmp_path / "ledger.jsonl", "instant", hooks=hooks) as made:
        made.scenario = SCENARIOS["instant"]._replace(a_call=0.1)
        yield made


@pytest.fixture
def served(database_url: str, line: Line, provider: Provider, web: int) -> Iterator[Installation]:
    redis_url = f"redis://127.0.0.1:{line.port}"
    more = {"PORT": str(web), "SMSGATE_BATCH": "5", "WEB_CONCURRENCY": "1"}
    with installed(settings(database_url, redis_url, provider.url, **more), COMMANDS) as made:
        listening(web, 90)
        yield made


def leaves(provider: Provider, words: str) -> None:
    """Wait until a help text was sent to every responder, which must take only seconds."""
    eventually(lambda: copies_with(taken(provider), words) >= RESPONDERS, SECONDS)


def hears_so_in_time(turn: Callable[[], str]) -> None:
    watch = Stopwatch()
    assert "please try again in a few minutes" in turn()
    assert watch.seconds() < PATIENCE


@pytest.mark.by_night  # by day without processes: tests/core/test_redis_client.py
def test_help_leaves_callers_hear_so_and_all_goes_on_when_it_answers_again(
    served: Installation, provider: Provider, line: Line
) -> None:
    first, second, third, fourth, fifth, _sixth = served.words
    caller, other = Handset(provider.postman.posts, first), Handset(provider.postman.posts, fifth)
    caller.dials()
    caller.types("1")
    audience = served.announces(10)
    eventually(lambda: notices(taken(provider)))
    line.hang()
    hears_so_in_time(lambda: caller.types("2"))
    hears_so_in_time(other.dials)
    for number in (second, third):
        leaves(provider, served.needs_help(number))
    line.resume()
    leaves(provider, served.needs_help(fourth))
    caller.dials()
    caller.types("1")
    assert "on its way" in caller.types("2")
    leaves(provider, served.words[first])
    assert other.texts("menu") == 200
    eventually(lambda: copies_with(taken(provider), "1 Send my help text"))
    eventually(lambda: notices(taken(provider)).total() == audience)
    assert served.alive()
    assert set(taken(provider).values()) == {1}
