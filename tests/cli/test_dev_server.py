"""`smsgate run`, started for the first time: in an empty folder, without settings."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.support.waiting import PATIENCE, eventually

ROOT = Path(__file__).resolve().parent.parent.parent
Started = Callable[[], subprocess.Popen[bytes]]
KNOWN = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Started]:
    made: list[subprocess.Popen[bytes]] = []
    env = {name: os.environ[name] for name in KNOWN if name in os.environ}

    def started() -> subprocess.Popen[bytes]:
        made.append(
            subprocess.Popen(
                [sys.executable, "-m", "smsgate", "run"],
                cwd=tmp_path, env={**env, "PORT": str(port), "PYTHONPATH": str(ROOT)},
            )
        )  # fmt: skip
        return made[-1]

    yield started
    for process in made:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def command(process: psutil.Process) -> list[str]:
    """Empty for one that has gone, or goes while we look."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def runs(process: psutil.Process) -> bool:
    """False also for one that goes while we look."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_it_starts_mends_itself_stops_and_starts_again(start: Started, port: int, tmp_path: Path) -> None:
    first = start()
    eventually(lambda: answers(port, "/ready"))
    assert answers(port, "/health")
    assert answers(port, "/phone")
    kept = (tmp_path / "var" / "settings.env").read_text()

    def workers() -> list[psutil.Process]:
        return [one for one in psutil.Process(first.pid).children() if "urgent" in command(one)]

    eventually(lambda: bool(workers()))
    lost = workers()[0]
    lost.kill()
    eventually(lambda: bool([one for one in workers() if one.pid != lost.pid]))

    everybody = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGINT)
    assert first.wait(PATIENCE) == 0
    eventually(lambda: not [one for one in everybody if runs(one)])

    second = start()
    eventually(lambda: answers(port, "/ready"))
    assert (tmp_path / "var" / "settings.env").read_text() == kept
    left = psutil.Process(second.pid).children(recursive=True)
    second.kill()
    second.wait()
    eventually(lambda: not [one for one in left if runs(one)])
    start()
    eventually(lambda: answers(port, "/ready"))
