"""Health, readiness and metrics, which answer quickly even when a store is down."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.models import Group, scheduler_runs
from smsgate.notices import notices
from smsgate.service import Service, wire
from tests.conftest import AMINA
from tests.support.people import Clock, Phone
from tests.support.stories import joins
from tests.support.waiting import Stopwatch

SOON = 2.0  # seconds; a caller who has to wait longer redials


@contextmanager
def a_store_that_hangs() -> Iterator[int]:
    """Yield the port of a server that accepts connections but never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def running(settings: Settings) -> Iterator[FlaskClient]:
    service = wire(settings)
    yield create_app(service).test_client()
    service.database.engine.dispose()
    service.redis.close()


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/health").json == {"alive": True}
    answer = client.get("/ready")
    assert answer.status_code == 200
    waiting = {"inbound": 0, "urgent": 0, "normal": 0, "bulk": 0}
    body = dict(answer.json or {})
    disk = body.pop("disk")
    assert disk is None or disk["free_bytes"] > 0
    assert body == {
        "database": True,
        "writes": True,
        "redis": True,
        "oldest_waiting_seconds": waiting,
        "oldest_sending_seconds": {"urgent": 0, "normal": 0, "bulk": 0},
        "scheduler_seconds": None,
        "gateways": {"simulator": {"circuit": "closed", "why": None, "credit": "enough"}},
        "paused": {"everything": False, "groups": 0},
    }


@pytest.mark.parametrize("hangs", [False, True], ids=["refused", "hangs"])
def test_without_redis_it_says_so_soon(settings: Settings, hangs: bool) -> None:
    with a_store_that_hangs() as port, running(
        replace(settings, redis_url=f"redis://127.0.0.1:{port if hangs else 1}")
    ) as client:  # fmt: skip
        watch = Stopwatch()
        answer = client.get("/ready")
        assert watch.seconds() < SOON
        assert answer.status_code == 503
        assert answer.json is not None
        assert (answer.json["redis"], answer.json["database"]) == (False, True)
        assert answer.json["gateways"]["simulator"]["circuit"] is None
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize("hangs", [False, True], ids=["refused", "hangs"])
def test_without_redis_a_caller_hears_so_soon(settings: Settings, hangs: bool) -> None:
    with a_store_that_hangs() as port, running(
        replace(settings, redis_url=f"redis://127.0.0.1:{port if hangs else 1}")
    ) as client:  # fmt: skip
        watch = Stopwatch()
        call = {"sessionId": "s1", "phoneNumber": AMINA, "serviceCode": "*384*77#", "text": ""}
        answer = client.post(f"/hooks/{settings.hook_tokens[0]}/africastalking/ussd", data=call)
        assert watch.seconds() < SOON
        assert answer.status_code == 200
        assert answer.text.startswith("END ")


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite", "postgresql://nobody@127.0.0.1:1/x"])
def test_without_a_database_it_says_so_soon(settings: Settings, url: str) -> None:
    with running(replace(settings, database_url=url)) as client:
        watch = Stopwatch()
        answer = client.get("/ready")
        assert watch.seconds() < SOON
        assert answer.status_code == 503
        assert answer.json == {
            "database": False,
            "writes": False,
            "redis": True,
            "disk": None,
            "oldest_waiting_seconds": None,
            "oldest_sending_seconds": None,
            "scheduler_seconds": None,
            "gateways": {"simulator": {"circuit": "closed", "why": None, "credit": None}},
            "paused": None,
        }
        assert client.get("/health").status_code == 200
        figures = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"})
        assert figures.status_code == 200
        assert 'smsgate_store_writes{store="database"} 0.0' in figures.text
        assert 'smsgate_store_writes{store="redis"} 1.0' in figures.text


def test_a_database_that_was_not_migrated_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    with running(replace(settings, database_url=f"sqlite:///{path}")) as client:
        assert client.get("/ready").status_code == 503


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": "Basic bTptbQ=="},
     {"Authorization": "Bearer é"}, {"Authorization": "Bearer"}],
)  # fmt: skip
def test_figures_are_guarded(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/metrics", headers=headers).status_code == 404


def test_without_a_token_nobody_sees_figures(settings: Settings) -> None:
    with running(replace(settings, metrics_token="")) as client:
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
        assert client.get("/metrics").status_code == 404


def test_ready_says_how_long_ago_a_scheduler_ran(client: FlaskClient, service: Service, clock: Clock) -> None:
    with service.database.transaction() as session:
        scheduler_runs.record_run(session, "clock", service.now())
    clock.time += timedelta(minutes=5)
    ready = client.get("/ready").json
    assert ready
    assert ready["scheduler_seconds"] >= 300


def test_figures_tell_what_waits_and_nothing_of_anybody(
    client: FlaskClient, service: Service, group: Group, amina: Phone
) -> None:
    joins(amina)
    amina.texts("INFO")
    with service.database.transaction() as session:
        notices.send(session, group, "Bring a cup", service.now())
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"})
    assert answer.status_code == 200
    assert 'smsgate_messages{lane="bulk",state="waiting"} 1.0' in answer.text
    assert 'smsgate_messages{lane="normal",state="sent"}' in answer.text
    assert 'smsgate_oldest_waiting_seconds{lane="urgent"} 0.0' in answer.text
    assert 'smsgate_oldest_sending_seconds{lane="bulk"} 0.0' in answer.text
    assert 'smsgate_store_writes{store="database"} 1.0' in answer.text
    assert "smsgate_members 1.0" in answer.text
    assert "smsgate_open_help_requests 0.0" in answer.text
    for figure in ("row_failures", "wrong_codes", "crisis_lines_expiring", "forwarded_wrong"):
        assert re.search(rf"^smsgate_{figure} 0\.0$", answer.text, re.MULTILINE), figure
    for private in ("711000001", "Amina", "cup", "Tumaini"):
        assert private not in answer.text
