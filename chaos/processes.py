"""A supervisor for an installation's processes, which restarts any that die, as systemd would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.1  # seconds between two checks for processes that died


class Supervised:
    """Processes by name, each restarted whenever it dies, until the end."""

    def __init__(self, commands: Mapping[str, Sequence[str]], env: Mapping[str, str], log: Path) -> None:
        self._commands, self._log = commands, log
        self._env = {**os.environ, **env, "PYTHONPATH": str(ROOT)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ended = threading.Event()
        self.standstills = Standstills()
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
        """Send SIGKILL to a process and its descendants. Returns False if the process is not running right now."""
        with self._lock:
            process = self._running[name]
            if process.poll() is not None:
                return False
            _kill_family(process.pid)
            process.wait()
            return True

    def stop(self, name: str, seconds: float, share: float = 0.0) -> bool:
        """Suspend a process and its descendants, or let them run a `share` of the time. Returns False if it is down."""
        with self._lock:
            process = self._running[name]
            if process.poll() is not None:
                return False
            self.standstills.begin(process.pid, seconds, share)
            return True

    def _watch(self) -> None:
        while not self._ended.wait(LOOK):
            with self._lock:
                for name, process in list(self._running.items()):
                    if process.poll() is not None:
                        self._start(name)

    def end(self) -> None:
        """Kill all processes and stop restarting them."""
        self._ended.set()
        self._thread.join()
        for process in self._running.values():
            _kill_family(process.pid)
            process.wait()


class Standstills:
    """Processes that are suspended for a while; each resumes when its time is over, and all do at the end."""

    SLICE = 0.1  # seconds, of which a starved process gets its share

    def __init__(self) -> None:
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, pid: int, seconds: float, share: float = 0.0) -> None:
        """Suspend a process and its descendants for `seconds`, or until `end`."""
        thread = threading.Thread(target=self._stand_still, args=(pid, seconds, share), daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """Resume all of them."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _stand_still(self, pid: int, seconds: float, share: float) -> None:
        until = time.monotonic() + seconds
        while not self._over.is_set() and (left := until - time.monotonic()) > 0:
            _each(pid, psutil.Process.suspend)
            self._over.wait(self.SLICE * (1 - share) if share else left)
            _each(pid, psutil.Process.resume)
            self._over.wait(self.SLICE * share)


def _each(pid: int, does: Callable[[psutil.Process], object]) -> None:
    """Call `does` for a process and its descendants, except those that are gone."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                does(process)


def _kill_family(pid: int) -> None:
    _each(pid, psutil.Process.kill)


@contextmanager
def supervised(commands: Mapping[str, Sequence[str]], env: Mapping[str, str], log: Path) -> Iterator[Supervised]:
    """Keep the processes running while the block lasts."""
    supervisor = Supervised(commands, env, log)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.end()
