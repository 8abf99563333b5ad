"""How fast a notice leaves: from its confirmation to the provider's ledger, with a provider that answers at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import select

from bench import carrier, house
from bench.processes import ROOT, free_port, listening, peak_memory, processor_seconds, running
from smsgate.messages import is_due
from smsgate.models import Lane, Message, Notice, State
from smsgate.service import Service

AUDIENCES = (10_000, 100_000)
WORKERS, BATCH = 2, 500
LONGEST = 300.0  # seconds


@dataclass(frozen=True)
class Broadcast:
    """One notice, and what it took."""

    audience: int
    seconds: float  # from its confirmation to the last recipient in the ledger
    queued: float  # seconds of them until the first
    ours: float  # processor seconds of the workers
    theirs: float  # and of the provider
    megabytes: tuple[float, ...]  # at most: the command, then each worker

    def __str__(self) -> str:
        command, *workers = (f"{one:.0f}" for one in self.megabytes)
        return (
            f"{self.audience:>7,} recipients: {self.audience / self.seconds:>6,.0f} a second (first after "
            f"{self.queued:.2f} s); processor ms for 1,000: workers {self.ours * 1e6 / self.audience:.0f}, provider "
            f"{self.theirs * 1e6 / self.audience:.0f}; peak MB: command {command}, workers {', '.join(workers)}"
        )


def measure(database: str) -> None:
    """Two audiences, each in an installation of its own, so that neither finds what the other left."""
    print(f"\nA notice on {database}, {WORKERS} workers on bulk, {BATCH} recipients a call")
    small, large = (_told(database, audience) for audience in AUDIENCES)
    more = large.audience / small.audience
    print(
        f"  {more:.0f} times the audience: {large.seconds / small.seconds:.1f} times the time, "
        f"{large.ours / small.ours:.1f} times the processor, "
        f"{max(large.megabytes) / max(small.megabytes):.2f} times the memory"
    )


def _told(database: str, audience: int) -> Broadcast:
    provider = free_port()
    with house.house(database, free_port(), provider) as made, ExitStack() as stack:
        env = {**made, "SMSGATE_BATCH": str(BATCH)}
        with house.wired(env) as service:
            house.move_in(service, audience)
        theirs, ledger = stack.enter_context(carrier.carrying(provider, "instant", env))
        listening(provider)
        workers = [stack.enter_context(running(["smsgate", "worker", "bulk"], env)) for _ in range(WORKERS)]
        with house.wired(env) as service:
            house.workers_listen(service, Lane.BULK, WORKERS)
            before = sum(map(processor_seconds, workers)), processor_seconds(theirs)
            command = _send(env)
            confirmed = _until_all_left(service)
        after = sum(map(processor_seconds, workers)), processor_seconds(theirs)
        calls = ledger()
        _checked(audience, calls)
        broadcast = Broadcast(
            audience,
            max(call.at for call in calls) - confirmed,
            min(call.at for call in calls) - confirmed,
            after[0] - before[0],
            after[1] - before[1],
            (command, *map(peak_memory, workers)),
        )
        print(f"  {broadcast}")
        return broadcast


def _send(env: Mapping[str, str]) -> float:
    """`smsgate notice send`; the MB that it took at most."""
    command = [sys.executable, "-m", "smsgate", "notice", "send", "4521", "We meet on Wednesday at two.", "--yes"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_memory(process.pid))
        time.sleep(0.01)
    if process.returncode:
        raise RuntimeError("the notice was not sent")
    return peak


def _until_all_left(service: Service) -> float:
    """Wait until nothing of it waits or is on its way; when it was confirmed."""
    until = time.monotonic() + LONGEST
    left = select(Message.id).where(Message.lane == Lane.BULK, Message.state == State.SENDING).limit(1)
    while True:
        with service.database.reading() as session:
            waiting = session.scalar(select(Message.id).where(*is_due(Lane.BULK, service.now())).limit(1))
            if waiting is None and session.scalar(left) is None:
                return session.scalars(select(Notice.created_at)).one().timestamp()
        if time.monotonic() > until:
            raise TimeoutError("the notice did not leave")
        time.sleep(0.1)


def _checked(audience: int, calls: Sequence[carrier.Sent]) -> None:
    sent = sum(call.count for call in calls)
    if sent != audience:
        raise RuntimeError(f"{sent} recipients in the ledger, not {audience}")
