"""`smsgate run`, started for the first time in an empty folder, without settings."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from smsgate.cli.local import dev_server
from tests.support.waiting import PATIENCE, eventually

ROOT = Path(__file__).resolve().parent.parent.parent
Started = Callable[[], subprocess.Popen[bytes]]
KNOWN = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a long and odd path, longer than a socket's path may be."""
    made = tmp_path / "my phones? 50%25 #1" / ("long " * 24 + "é")
    made.mkdir(parents=True)
    return made


def run_in(folder: Path, port: int) -> tuple[list[str], dict[str, Any]]:
    """Return the command and options with which `subprocess` starts it there."""
    env = {name: os.environ[name] for name in KNOWN if name in os.environ}
    options = {"cwd": folder, "env": {**env, "PORT": str(port), "PYTHONPATH": str(ROOT)}}
    return [sys.executable, "-m", "smsgate", "run"], options


@pytest.fixture
def start(folder: Path, port: int) -> Iterator[Started]:
    made: list[subprocess.Popen[bytes]] = []

    def started() -> subprocess.Popen[bytes]:
        command, options = run_in(folder, port)
        made.append(subprocess.Popen(command, **options))
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
    """Return a process's command line; empty if the process is gone, or goes while we look."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def runs(process: psutil.Process) -> bool:
    """Return whether a process runs; False also if it ends while we look."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def refused(folder: Path, port: int) -> str:
    """Start another `smsgate run`, which must fail, and return its error message."""
    command, options = run_in(folder, port)
    done = subprocess.run(command, **options, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done
    return str(done.stderr)


@pytest.mark.by_night  # by day: its parts below, and tests/web/test_phone_story.py
def test_it_starts_mends_itself_stops_and_starts_again(start: Started, port: int, folder: Path, tmp_path: Path) -> None:
    first = start()
    eventually(lambda: answers(port, "/ready"))
    assert answers(port, "/health")
    assert answers(port, "/phone")
    kept = (folder / "var" / "settings.env").read_text()

    def workers() -> list[psutil.Process]:
        return [one for one in psutil.Process(first.pid).children() if "urgent" in command(one)]

    eventually(lambda: bool(workers()))
    lost = workers()[0]
    lost.kill()
    eventually(lambda: bool([one for one in workers() if one.pid != lost.pid]))

    assert f"(process {first.pid}) is using {folder}" in refused(folder, port)
    assert f"The port {port} cannot be used: another process uses it" in refused(tmp_path, port)
    everybody = psutil.Process(first.pid).children(recursive=True)
    listening = [one.laddr for each in everybody for one in each.net_connections() if one.status == psutil.CONN_LISTEN]
    assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", port)}
    assert answers(port, "/ready")
    first.send_signal(signal.SIGINT)
    assert first.wait(PATIENCE) == 0
    eventually(lambda: not [one for one in everybody if runs(one)])

    second = start()
    eventually(lambda: answers(port, "/ready"))
    assert without_socket((folder / "var" / "settings.env").read_text()) == without_socket(kept)
    left = psutil.Process(second.pid).children(recursive=True)
    second.kill()
    second.wait()
    eventually(lambda: not [one for one in left if runs(one)])
    third = start()
    eventually(lambda: answers(port, "/ready"))
    left = psutil.Process(third.pid).children(recursive=True)
    third.send_signal(signal.SIGTERM)
    assert third.wait(PATIENCE) == 0
    assert [one for one in left if runs(one)] == []


def without_socket(settings: str) -> list[str]:
    """Return the settings without REDIS_URL, since a socket in a temporary folder has a new path each time."""
    return [line for line in settings.splitlines() if not line.startswith("REDIS_URL")]


@pytest.mark.by_night
def test_stopping_waits_for_nobody_longer_than_two_seconds() -> None:
    with dev_server._processes() as started:
        stubborn = "import signal, subprocess; signal.signal(15, signal.SIG_IGN); subprocess.run(['sleep', '600'])"
        started["stubborn"] = dev_server._start_command([sys.executable, "-c", stubborn], dict(os.environ))
        eventually(lambda: bool(psutil.Process(started["stubborn"].pid).children()))
        everybody = [psutil.Process(started["stubborn"].pid), *psutil.Process(started["stubborn"].pid).children()]
        began = time.monotonic()
    assert time.monotonic() - began < 3
    eventually(lambda: not [one for one in everybody if runs(one)])
