"""A broadcast, from its confirmation to the provider's ledger: recipients per second, memory, and where time goes.

It runs real processes: one or two `bulk` workers, the scheduler, and the rehearsal provider, which answers at once.
Every 50 ms another process writes to the database, as a help text would, and the wait for that is measured too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

from bench import house
from bench.processes import free_port, listening, peak_memory, processor_seconds, running
from smsgate.gateways.rehearsal import ledger
from smsgate.models import PerformedAction
from smsgate.service import Service

SMALL, LARGE = 10_000, 100_000
PATIENCE = 600.0  # seconds


class Spent(NamedTuple):
    """Seconds of processor time."""

    workers: float
    server: float  # PostgreSQL's; SQLite runs inside the workers
    provider: float


@dataclass(frozen=True)
class Broadcast:
    """The figures of one broadcast."""

    people: int
    seconds: float  # from the confirmation until everybody is in the ledger
    spent: Spent
    megabytes: float  # the largest worker's peak
    waits: list[float]  # seconds that each concurrent write took
    shares: str

    def __str__(self) -> str:
        workers, server, provider = (1e6 * seconds / self.people for seconds in self.spent)
        waits = quantiles(self.waits, n=100, method="inclusive")
        return (
            f"{self.people:>7} people: {self.people / self.seconds:>6.0f} a second ({self.seconds:.1f} s); processor "
            f"us a recipient: workers {workers:.0f}, database server {server:.0f}, provider {provider:.0f}; "
            f"peak {self.megabytes:.0f} MB; {self.shares}; a write beside it takes "
            f"p50 {1000 * waits[49]:.0f} ms, p99 {1000 * waits[98]:.0f} ms"
        )


def measure(database: str) -> None:
    """Measure small and large audiences, small and large gateway calls, and print how the cost grows."""
    print(f"\nBroadcasts on {database}")
    small = _measure_one(database, SMALL, batch=1000, workers=1)
    large = _measure_one(database, LARGE, batch=1000, workers=1)
    print(
        f"    {LARGE // SMALL} times the audience: {large.spent.workers / small.spent.workers:.1f} times the workers' "
        f"processor, {large.megabytes / small.megabytes:.2f} times their memory"
    )
    _measure_one(database, LARGE, batch=1000, workers=2)
    _measure_one(database, SMALL, batch=100, workers=1)


def _measure_one(database: str, people: int, batch: int, workers: int) -> Broadcast:
    broadcast = _broadcast(database, people, batch, workers)
    print(f"  {batch} recipients a call, {workers} worker{'s' * (workers > 1)}: {broadcast}")
    return broadcast


def _broadcast(database: str, people: int, batch: int, workers: int) -> Broadcast:
    provider_port = free_port()
    with _installation(database, people, provider_port, batch) as (env, folder), ExitStack() as stack:
        book, timings = folder / "ledger.jsonl", [folder / f"shares-{n}.txt" for n in range(workers)]
        rehearse = ["smsgate", "rehearse", "instant", f"--port={provider_port}", f"--ledger={book}"]
        provider = stack.enter_context(running(rehearse, env))
        listening(provider_port)
        with ExitStack() as working, house.wired(env) as service:
            pids = [working.enter_context(running(["bench.timed", "bulk", str(timing)], env)) for timing in timings]
            working.enter_context(running(["smsgate", "scheduler"], env))
            house.workers_listen(service, workers)
            server = house.database_server(service)
            before = _spent(pids, provider, server)
            began = time.monotonic()
            house.queue_notices(service, 1)
            waits = _wait_until_received(book, people, service)
            seconds = time.monotonic() - began
            after = _spent(pids, provider, server)
            megabytes = max(map(peak_memory, pids))
        spent = Spent(*(late - early for early, late in zip(before, after, strict=True)))
        return Broadcast(people, seconds, spent, megabytes, waits, timings[0].read_text())


def _spent(workers: Sequence[int], provider: int, server: int | None) -> Spent:
    database = processor_seconds(server) if server else 0.0
    return Spent(sum(map(processor_seconds, workers)), database, processor_seconds(provider))


@contextmanager
def _installation(database: str, people: int, provider: int, batch: int) -> Iterator[tuple[Mapping[str, str], Path]]:
    with (
        TemporaryDirectory(prefix="smsgate-ledger-") as folder,
        house.house(database, free_port(), provider) as env,
    ):
        env = {**env, "SMSGATE_BATCH": str(batch)}
        with house.wired(env) as service:
            house.add_members(service, people)
        yield env, Path(folder)


def _wait_until_received(book: Path, people: int, service: Service) -> list[float]:
    """Wait until everybody is in the ledger and return the seconds that each concurrent write took.

    Only what was appended is read each time, so that reading does not slow down the broadcast.
    """
    until, seen, start = time.monotonic() + PATIENCE, 0, 0
    waits = [_write(service)]
    while seen < people:
        if time.monotonic() > until:
            raise TimeoutError(f"{seen} of {people} after {PATIENCE} s")
        time.sleep(0.05)
        waits.append(_write(service))
        size = book.stat().st_size
        with book.open("rb") as file:
            file.seek(start)
            seen += file.read(size - start).count(b'"ATXid_')
        start = size
    assert ledger.read(book).duplicated == 0
    return waits


def _write(service: Service) -> float:
    began = time.monotonic()
    with service.database.transaction() as session:
        session.add(PerformedAction(run=uuid4().hex, name="bench", result="{}", at=service.now()))
    return time.monotonic() - began
