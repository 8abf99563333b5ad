"""The plan of a run, drawn from the seed before anything starts, so that the same seed gives the same faults."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple


class Size(NamedTuple):
    """The size of a run."""

    members: int
    help_texts: int
    seconds: float  # that the faults are spread over
    kills: int
    valkey: int
    flushes: int
    postgres: int
    provider: int  # how often the provider changes its behaviour
    workers: int  # per queue; also the number of schedulers
    people: int
    batch: int
    hurries: bool = False  # after the last fault, make every retry due at once
    stops: int = 0  # processes that are suspended for a while
    starves: int = 0  # processes that get little processor time
    store_stops: int = 0  # for each store
    longest_stop: float = 60.0


WHOLE = Size(10_000, 50, 270, 104, 3, 1, 5, 12, 2, 4, 25, stops=16, starves=8, store_stops=2)
SHORT = Size(300, 4, 15, 8, 1, 1, 1, 3, 1, 2, 10, hurries=True, stops=2, starves=1, store_stops=1, longest_stop=8.0)
SHORTEST_STOP = 5.0

# Scenarios in the order of use. "everything" includes every way to fail, except an account that runs out of credit.
MOODS = ("broken", "timeouts", "slow", "down", "credit", "codes", "odd", "errors", "reports", "everything")


class Fault(NamedTuple):
    """One fault to inject."""

    at: float  # seconds after the start
    kind: str  # kill, stop, starve, valkey, flush, postgres, provider, valkey stops, postgres stops
    what: str = ""  # the process or the scenario
    lasts: float = 0.0  # seconds


def faults(size: Size, seed: int, processes: list[str], postgres: bool) -> list[Fault]:
    """Return all faults, in order of time."""
    return sorted(_drawn(size, Random(f"{seed} faults"), processes, postgres))


def _drawn(size: Size, draw: Random, processes: list[str], postgres: bool) -> Iterator[Fault]:
    for _one in range(size.kills):
        yield Fault(draw.uniform(0, size.seconds), "kill", draw.choice(processes))
    for _one in range(size.valkey):
        yield Fault(draw.uniform(0, size.seconds), "valkey", lasts=draw.uniform(0.5, 3))
    for _one in range(size.flushes):
        yield Fault(draw.uniform(0, size.seconds), "flush")
    for _one in range(size.postgres if postgres else 0):
        yield Fault(draw.uniform(0, size.seconds), "postgres", lasts=draw.uniform(0.5, 3))
    for turn in range(size.provider):
        at = size.seconds * (turn + draw.random()) / size.provider
        yield Fault(at, "provider", MOODS[turn % len(MOODS)], draw.uniform(0.3, 0.7) * size.seconds / size.provider)
    yield from _standstills(size, draw, processes, postgres)


def _standstills(size: Size, draw: Random, processes: list[str], postgres: bool) -> Iterator[Fault]:
    for kind, count in (("stop", size.stops), ("starve", size.starves)):
        for _one in range(count):
            lasts = draw.uniform(SHORTEST_STOP, size.longest_stop)
            yield Fault(draw.uniform(0, size.seconds), kind, draw.choice(processes), lasts)
    for store in ("valkey", "postgres") if postgres else ("valkey",):
        for _one in range(size.store_stops):
            lasts = draw.uniform(SHORTEST_STOP, min(size.longest_stop, 20.0))
            yield Fault(draw.uniform(0, size.seconds), f"{store} stops", lasts=lasts)


def help_times(size: Size, seed: int) -> list[float]:
    """Return when each help text is to be sent, in seconds after the start, sorted."""
    draw = Random(f"{seed} help")
    return sorted(draw.uniform(0, size.seconds) for _one in range(size.help_texts))
