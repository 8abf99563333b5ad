"""`make drills` runs all; `python -m drills NAME…` runs some; `--list` shows the names; `--seed` changes the order."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from random import Random

from drills import stalls
from drills.stage import Failed, Stage, stage

LONGEST = 600  # seconds, for a drill that consists of tests


def tests(*paths: str) -> None:
    """Run a drill that consists of tests, including those marked `by_night`. Raises Failed if one fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--full-matrix", *paths]
    if subprocess.run(command, check=False, timeout=LONGEST).returncode:
        raise Failed("see above")


ON_STAGE: dict[str, Callable[[Stage], None]] = {
    "database-hangs": stalls.database_hangs,
    "database-drips": stalls.database_drips,
    "database-stands-still": stalls.database_stands_still,
    "redis-hangs": stalls.redis_hangs,
    "redis-drips": stalls.redis_drips,
    "gateway-hangs": stalls.gateway_hangs,
    "gateway-drips": stalls.gateway_drips,
    "connections-idle": stalls.connections_idle,
}
ALONE: dict[str, Callable[[], None]] = {
    "disk-full": partial(tests, "tests/system/test_full_disk.py"),
    "clock-steps": partial(tests, "tests/workers/test_clock_steps.py"),
}
DRILLS = (*ON_STAGE, *ALONE)


def main() -> int:
    """Run the drills in random order, all of them even if one fails. Returns 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *DRILLS], metavar="NAME")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if given.list:
        print("\n".join(DRILLS))
        return 0
    names = given.names or list(DRILLS)
    Random(given.seed).shuffle(names)
    failed = [name for name in names if name in ALONE and not passes(name, ALONE[name])]
    if on_stage := [name for name in names if name in ON_STAGE]:
        with stage(given.seed) as made:
            failed += [name for name in on_stage if not passes(name, partial(ON_STAGE[name], made))]
    print(f"\n{len(names) - len(failed)} of {len(names)} passed." + (f" Failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def passes(name: str, drill: Callable[[], None]) -> bool:
    """Run one drill and return whether it passed."""
    print(f"\n{name}", flush=True)
    began = time.monotonic()
    try:
        drill()
    except Failed as failure:
        print(f"  FAILED {failure}", flush=True)
        return False
    print(f"  passed in {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
