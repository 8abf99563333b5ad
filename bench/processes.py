"""Starts the processes that a benchmark measures, reads what they cost, and ends only those, each by its id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(module: Sequence[str], env: Mapping[str, str]) -> Iterator[int]:
    """Run `python -m module…` until the block ends; yields its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, **env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,  # errors still show: they go to standard error
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listening(port: int, seconds: float = 20.0) -> None:
    """Wait until something accepts connections on the port. Raises OSError after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def family(pid: int) -> list[int]:
    """Return the ids of a process and all its descendants, parents first."""
    ids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            ids += family(int(child))
    return ids


def parent(pid: int) -> int:
    """Return the id of the parent process."""
    status = Path(f"/proc/{pid}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])  # the process name in parentheses may contain spaces


def processor_seconds(pid: int) -> float:
    """Return user and system time of a process and its descendants so far, to the nanosecond (`/proc` counts 10 ms)."""
    return sum(time.clock_gettime(_processor_clock(process_id)) for process_id in family(pid))


def _processor_clock(pid: int) -> int:
    return ~pid << 3 | 2  # what clock_getcpuclockid(3) returns; Python offers it for threads only


def peak_memory(pid: int) -> float:
    """Return the peak resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def memory(pid: int) -> tuple[float, float]:
    """Return resident and proportional memory in MB (PSS: shared pages divided by the processes that share them)."""
    kb = {
        line.split(":")[0]: int(line.split()[1])
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    }
    return kb["Rss"] / 1024, kb["Pss"] / 1024
