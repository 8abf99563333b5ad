"""A full disk: monitoring shows it before and during, callers and texts are answered, and everything recovers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.service import Service, wire
from smsgate.web import probes
from tests.support.people import Clock, Phone
from tests.support.stories import joins
from tests.support.waiting import eventually

AMINA = "+254711000001"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a disk of six megabytes; skip the test if this machine does not allow one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may make a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=False).returncode:
        pytest.skip("no disk can be made here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def served(settings: Settings, small_disk: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(probes, "KEPT_SECONDS", 0.0)
    shutil.copy(settings.database_url.removeprefix("sqlite:///"), small_disk / "a.sqlite")
    service = wire(replace(settings, database_url=f"sqlite:///{small_disk / 'a.sqlite'}"), now=clock.now)
    with service.database.transaction() as session:
        groups.create(session, "Tumaini", "Africa/Nairobi", service.now(), code="4521", listed=True)
    yield service
    service.database.engine.dispose()
    service.redis.close()


def test_a_disk_fills_up_and_is_emptied(served: Service, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(served).test_client()
    amina = Phone(client, served, AMINA)
    joins(amina)
    monkeypatch.setattr(probes, "LOW_BYTES", 1024)
    assert _ready(client)[1]["disk"]["low"] is False
    monkeypatch.setattr(probes, "LOW_BYTES", 10**9)
    status, body = _ready(client)
    assert (status, body["disk"]["low"], body["writes"]) == (200, True, True)

    with sqlite3.connect(small_disk / "a.sqlite") as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (small_disk / "full").open("wb") as full:
        while _grows(full.fileno()):
            pass
    status, body = _ready(client)
    assert (status, body["database"], body["writes"]) == (503, True, False)
    figures = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"}).text
    assert 'smsgate_store_writes{store="database"} 0.0' in figures
    assert "smsgate_disk_free_bytes 0.0" in figures
    amina.dials()  # only reads
    amina.sees("1 Send my help text")
    amina.drops()
    assert amina.handset.texts("menu", message_id="m1") == 503
    assert client.get("/health").status_code == 200

    (small_disk / "full").unlink()
    eventually(lambda: client.get("/ready").status_code == 200)
    assert "1 Send my help text" in amina.texts("menu", message_id="m1")


def _ready(client: FlaskClient) -> tuple[int, dict[str, Any]]:
    answer = client.get("/ready")
    return answer.status_code, answer.get_json()


def _grows(descriptor: int) -> bool:
    try:
        return os.write(descriptor, b"0" * 4096) > 0
    except OSError:
        return False
