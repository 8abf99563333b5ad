"""A supervisor for the processes of an installation, which restarts whatever dies, as systemd would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.1  # seconds between two checks for processes that died


class Supervised:
    """Processes by name, each kept running until the end."""

    def __init__(self, commands: Mapping[str, Sequence[str]], env: Mapping[str, str], log: Path) -> None:
        self._commands, self._log = commands, log
        self._env = {**os.environ, **env, "PYTHONPATH": str(ROOT)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def names(self) -> list[str]:
        """The names of all processes, sorted."""
        return sorted(self._commands)

    def start(self) -> None:
        """Start all processes and the thread that restarts them."""
        for name in self._commands:
            self._start(name)
        self._thread.start()

    def _start(self, name: str) -> None:
        with self._log.open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "smsgate", *self._commands[name]],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> bool:
        """Send SIGKILL to a process and its descendants. Returns False if it is not running at this moment."""
        with self._lock:
            process = self._running[name]
            if process.poll() is not None:
                return False
            _kill_family(process.pid)
            process.wait()
            return True

    def _watch(self) -> None:
        while not self._ended.wait(LOOK):
            with self._lock:
                for name, process in list(self._running.items()):
                    if process.poll() is not None:
                        self._start(name)

    def stop(self) -> None:
        """Kill all processes and restart none."""
        self._ended.set()
        self._thread.join()
        for process in self._running.values():
            _kill_family(process.pid)
            process.wait()


def _kill_family(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def supervised(commands: Mapping[str, Sequence[str]], env: Mapping[str, str], log: Path) -> Iterator[Supervised]:
    """Keep the processes running while the block lasts."""
    supervisor = Supervised(commands, env, log)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
