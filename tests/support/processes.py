"""Workers and schedulers in their own processes, on the real clock, with a rehearsal provider."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.service import wire
from tests.support.outbox import Outbox, through
from tests.support.waiting import PATIENCE, PATIENT, eventually

Starts = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Provider]:
    """Yield a rehearsal provider that accepts every text."""
    with rehearsing(tmp_path / "ledger.jsonl", "instant") as made:
        yield made


def is_called(carrier: Provider, times: int) -> bool:
    """Wait until the provider has been called this often, and return True."""
    eventually(lambda: len(carrier.calls) >= times, every=0.01)
    return True


@pytest.fixture
def real(settings: Settings, carrier: Provider) -> Settings:
    """Return the settings of an installation whose texts go to that provider."""
    return through(settings, carrier)


@pytest.fixture
def outbox(real: Settings) -> Iterator[Outbox]:
    """Yield the outbox of that installation, on the real clock, since worker processes know no other."""
    made = wire(real, limits=PATIENT)
    yield Outbox(made)
    made.database.engine.dispose()
    made.redis.close()


@pytest.fixture
def starts(real: Settings, tmp_path: Path) -> Iterator[Starts]:
    """Yield a function that starts `smsgate worker LANE` or `smsgate scheduler`; kill what still runs at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str, **changes: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, **environment(real), **changes}
        process = subprocess.Popen([sys.executable, "-m", "smsgate", *command], env=env, cwd=tmp_path)
        running.append(process)
        return process

    (tmp_path / "smsgate").symlink_to(Path(__file__).parent.parent.parent / "smsgate")
    yield start
    for process in running:
        process.kill()
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process with these settings."""
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SMSGATE_HOOK_TOKENS": settings.hook_tokens[0],
        "SMSGATE_KEYS": settings.keys[0],
        "SMSGATE_GATEWAY": settings.gateway,
        "AFRICASTALKING_USERNAME": settings.africastalking_username,
        "AFRICASTALKING_API_KEY": settings.africastalking_api_key,
        "AFRICASTALKING_URL": settings.africastalking_url,
    }


def becomes(outbox: Outbox, message_id: int, state: str, seconds: float = PATIENCE) -> None:
    """Wait until a message has this status."""
    eventually(lambda: outbox.state(message_id) == state, seconds, found=lambda: outbox.state(message_id))


def listening(redis_url: str, lane: str, workers: int = 1) -> None:
    """Wait until this many workers listen for jobs."""
    with Redis.from_url(redis_url) as redis:
        eventually(lambda: redis.scard(f"rq:workers:{lane}") >= workers)
