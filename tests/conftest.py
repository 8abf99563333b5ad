"""Fixtures with the real application on real stores; only the network side, such as the provider, is faked."""

from __future__ import annotations

import gc
import io
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from redis import Redis

from smsgate import create_app
from smsgate.core import logs
from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import Group, Meeting
from smsgate.service import Service
from smsgate.web import Application
from smsgate.web.console.accounts import signing_in
from tests.support import stores
from tests.support.people import TOKEN, Clock, Phone, passes, server_goes_by
from tests.support.waiting import wire_patiently

pytest_plugins = [
    "tests.support.chance",
    "tests.support.command_line",
    "tests.support.compiled_once",
    "tests.support.by_day",
    "tests.support.in_memory",
    "tests.support.openings",
    "tests.support.phone_browser",
    "tests.support.pins",
    "tests.support.processes",
    "tests.support.worker_groups",
]
AMINA, JUMA, FATUMA, OTIENO = (f"+25471100000{n}" for n in range(1, 5))


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with stores.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with stores.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def reused_postgres(postgres: str) -> Iterator[stores.Reused]:
    made = stores.Reused(postgres)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def redis_url(valkey: str) -> str:
    with Redis.from_url(valkey) as redis:
        redis.flushall()
    return valkey


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty, migrated database; `tests/support/by_day.py` decides which of the two, or both."""
    if request.param == "sqlite":
        path = tmp_path / "smsgate.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        yield request.getfixturevalue("reused_postgres").as_made()


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return Settings(database_url, redis_url, (TOKEN,), (stores.KEY,), "simulator", metrics_token="m" * 20)


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock()
    with server_goes_by(made):
        yield made


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Iterator[Service]:
    made = wire_patiently(settings, clock.now)
    yield made
    made.database.engine.dispose()
    made.redis.close()


@pytest.fixture
def app(service: Service, monkeypatch: pytest.MonkeyPatch) -> Application:
    monkeypatch.setattr(signing_in, "ANSWER_AFTER", 0.0)  # hundreds of sign-ins would each wait a tenth of a second
    return create_app(service)


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def phone(client: FlaskClient, service: Service) -> Callable[[str], Phone]:
    return lambda number: Phone(client, service, number)


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """Yield a function that returns what the service has logged so far, as an operator would read it."""
    root = logging.getLogger()
    before, structured = (list(root.handlers), root.level), structlog.get_config()
    logs.configure()
    paper = io.StringIO()
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(paper)
    yield paper.getvalue
    root.handlers, root.level = before
    structlog.configure(**structured)


@pytest.fixture
def amina(phone: Callable[[str], Phone]) -> Phone:
    return phone(AMINA)


@pytest.fixture
def juma(phone: Callable[[str], Phone]) -> Phone:
    return phone(JUMA)


@pytest.fixture
def fatuma(phone: Callable[[str], Phone]) -> Phone:
    return phone(FATUMA)


@pytest.fixture
def otieno(phone: Callable[[str], Phone]) -> Phone:
    return phone(OTIENO)


@pytest.fixture
def time_passes(service: Service, clock: Clock) -> Callable[..., None]:
    return lambda **time: passes(service, clock, **time)


@pytest.fixture
def group(service: Service) -> Group:
    with service.database.transaction() as session:
        return groups.create(
            session, "Tumaini", "Africa/Nairobi", service.now(), code="4521", listed=True, tells_place=True
        )


@pytest.fixture
def meeting(service: Service, group: Group) -> Meeting:
    """Plan a meeting on Wednesday at two in the afternoon, local time."""
    with service.database.transaction() as session:
        session.add(group)
        return meetings.plan(session, group, datetime(2026, 11, 25, 14, 0), "Community hall", service.now())


def pytest_collection_finish() -> None:
    """Start the garbage collector; it passes over what was collected, which stays to the end: half of its work."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "write the transcripts, and the pages of docs/ made from code, anew"
    parser.addoption("--write-conversations", action="store_true", help=told)
    parser.addoption("--whole-year", action="store_true", help="reminders of a whole year, not of seven weeks")
