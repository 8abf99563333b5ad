"""A broadcast from its confirmation to the provider's ledger: recipients a second, memory, whose time it is.

Real processes: one `bulk` worker, the clock, and the rehearsal provider, which answers at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import house
from bench.processes import free_port, listening, peak_memory, processor_seconds, running
from smsgate.rehearsal import ledger

AUDIENCES = (10_000, 100_000)
BATCHES = (100, 1000)
PATIENCE = 600.0  # seconds


@dataclass(frozen=True)
class Broadcast:
    """One of them, as it went."""

    people: int
    queued: float  # seconds
    seconds: float  # from the confirmation until the ledger has all
    worker: float  # seconds of processor time
    provider: float
    megabytes: float  # the worker's peak
    shares: str

    def __str__(self) -> str:
        return (
            f"{self.people:>7} people: {self.people / self.seconds:>6.0f} a second ({self.seconds:.1f} s, of which "
            f"{self.queued:.2f} to queue); processor {1e6 * self.worker / self.people:.0f} us a recipient of the "
            f"worker's, {1e6 * self.provider / self.people:.0f} of the provider's; peak {self.megabytes:.0f} MB; "
            f"{self.shares}"
        )


def measure(database: str) -> None:
    """Small and large audiences, small and large calls, and how the cost grows."""
    print(f"\nBroadcasts on {database}")
    for batch in BATCHES:
        went = [_broadcast(database, people, batch) for people in AUDIENCES]
        print(f"  {batch} recipients a call")
        for one in went:
            print(f"    {one}")
        small, large = ((one.worker / one.people) for one in went)
        print(f"    a recipient of the large one costs {large / small:.2f} times one of the small one")


def _broadcast(database: str, people: int, batch: int) -> Broadcast:
    provider_port = free_port()
    with _installation(database, people, provider_port, batch) as (env, folder), ExitStack() as stack:
        book, timing = folder / "ledger.jsonl", folder / "shares.txt"
        told = ["smsgate", "rehearse", "instant", f"--port={provider_port}", f"--ledger={book}"]
        provider = stack.enter_context(running(told, env))
        listening(provider_port)
        with ExitStack() as working:
            worker = working.enter_context(running(["bench.timed", "bulk", str(timing)], env))
            working.enter_context(running(["smsgate", "clock"], env))
            time.sleep(3)  # everybody has started
            before = processor_seconds(worker), processor_seconds(provider)
            with house.wired(env) as service:
                began = time.monotonic()
                house.announce(service, 1)
                queued = time.monotonic() - began
            _wait_for(book, people)
            seconds = time.monotonic() - began
            spent = processor_seconds(worker) - before[0], processor_seconds(provider) - before[1]
            megabytes = peak_memory(worker)
        return Broadcast(people, queued, seconds, *spent, megabytes, timing.read_text())


@contextmanager
def _installation(database: str, people: int, provider: int, batch: int) -> Iterator[tuple[Mapping[str, str], Path]]:
    with (
        TemporaryDirectory(prefix="smsgate-ledger-") as folder,
        house.house(database, free_port(), provider) as env,
    ):
        env = {**env, "SMSGATE_BATCH": str(batch)}
        with house.wired(env) as service:
            house.move_in(service, people)
        yield env, Path(folder)


def _wait_for(book: Path, people: int) -> None:
    """Until the ledger has everybody: read as it grows, so that the reading does not slow what is measured."""
    until, seen, start = time.monotonic() + PATIENCE, 0, 0
    while seen < people:
        if time.monotonic() > until:
            raise TimeoutError(f"{seen} of {people} after {PATIENCE} s")
        time.sleep(0.1)
        size = book.stat().st_size
        with book.open("rb") as file:
            file.seek(start)
            seen += file.read(size - start).count(b'"ATXid_')
        start = size
    assert ledger.read(book).duplicated == 0
