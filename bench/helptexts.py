"""How long a help text takes from the keypress to the gateway, while notices wait in the bulk lane."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from uuid import uuid4

from bench import callers, house
from bench.processes import family, free_port, listening, memory, running
from smsgate.gateways.rehearsal import ledger
from smsgate.models import Lane

MEMBERS = 10_000
NOTICES = 3  # to MEMBERS each, so that 10,000 texts still wait when the last help text is sent
PROCESSES = {
    "web": ["smsgate", "web"],
    **{f"worker {lane}": ["smsgate", "worker", lane.value] for lane in Lane},
    "scheduler": ["smsgate", "scheduler"],
}


@dataclass(frozen=True)
class Load:
    """Help texts at an even pace. At 300 ms a call, one worker makes about 3 calls a second."""

    name: str
    first: int
    count: int
    responders: int
    every: float  # seconds


LOADS = (
    Load("one responder, 2 a second", 0, 80, 1, 0.5),
    Load("three responders, 1 in 1.5 s", 100, 15, 3, 1.5),
)


def measure(database: str) -> None:
    """Measure every load on a whole installation with real processes and a slow provider, and print the figures."""
    web, provider = free_port(), free_port()
    with house.house(database, web, provider) as env, ExitStack() as stack:
        with house.wired(env) as service:
            house.add_members(service, MEMBERS)
            words = {load: house.prepare_help(service, load.first, load.count, load.responders) for load in LOADS}
        book = Path(stack.enter_context(TemporaryDirectory(prefix="smsgate-ledger-"))) / "ledger.jsonl"
        stack.enter_context(running(["smsgate", "rehearse", "silent", f"--port={provider}", f"--ledger={book}"], env))
        pids = {name: stack.enter_context(running(module, env)) for name, module in PROCESSES.items()}
        listening(web)
        listening(provider)
        with house.wired(env) as service:
            queued = house.queue_notices(service, NOTICES)
        print(f"\nHelp texts on {database}, {queued} notices queued")
        for load in LOADS:
            confirmed = _confirm(load, words[load], web)
            print(f"  {load.name:<30} {_summary(_wait_for_arrivals(confirmed, load, book))}")
        sent = sum(to for _when, text, to in _arrivals(book) if "notice" in text)
        print(f"  notices that still waited at the end: {queued - sent}")
        print("\nMemory, MB (resident, share)")
        for name, pid in pids.items():
            print(f"  {name:<14} {', '.join('{:.0f} ({:.0f})'.format(*memory(member)) for member in family(pid))}")


def _confirm(load: Load, words: dict[str, str], port: int) -> dict[str, float]:
    """Have each member send a help text. Returns the Unix time of each confirming keypress, by the text's words."""
    pressed: dict[str, float] = {}
    begun = time.monotonic()
    for index, (number, text_words) in enumerate(words.items()):
        time.sleep(max(0.0, begun + index * load.every - time.monotonic()))
        session = f"ATUid_{uuid4().hex}"
        for text in ("", "1"):
            callers.post(port, f"{house.HOOKS}/ussd", callers.form(session, number, text))
        pressed[text_words] = time.time()  # Unix time, as in the ledger
        answer = callers.post(port, f"{house.HOOKS}/ussd", callers.form(session, number, "1*2"))
        if not answer.startswith("END"):
            raise callers.Unexpected(answer)
    return pressed


def _wait_for_arrivals(pressed: dict[str, float], load: Load, book: Path) -> list[float]:
    """Wait until every text is in the ledger and return the seconds from keypress to gateway for each."""
    until = time.monotonic() + 20
    while True:
        waits = [at - pressed[part] for at, text, _to in _arrivals(book) for part in pressed if part in text]
        if len(waits) == len(pressed) * load.responders:
            return waits
        if time.monotonic() > until:
            raise callers.Unexpected(f"{len(waits)} of {len(pressed) * load.responders} help texts came")
        time.sleep(0.2)


def _arrivals(book: Path) -> list[tuple[float, str, int]]:
    return [(line["at"], line["words"], len(line["to"])) for line in ledger.lines(book) if line["event"] == "called"]


def _summary(waits: list[float]) -> str:
    cuts = quantiles(waits, n=100, method="inclusive")
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, longest {max(waits):.2f} s ({len(waits)} texts)"
