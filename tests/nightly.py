"""`make nightly`: what takes too long for every run. Every part runs, even if another one fails.

The parts are: every test on both databases, with a whole year of reminders and with bugs planted for the state machine
of help requests to find; at least 100,000 steps of that machine on SQLite and a quarter as many on PostgreSQL; 50,000
steps of the one for one-to-one support, 30,000 of the one for meetings and notices; a million posts to the callbacks;
and the long chaos run on both databases.
"""

from __future__ import annotations

import os
import subprocess
import sys

STEPS, WALK_STEPS, NEWS_STEPS, POSTS = 100_000, 50_000, 30_000, 1_000_000
WORKERS = os.environ.get("TEST_WORKERS", "2")
MATRIX = ("pytest", "-n", WORKERS, "--dist", "loadgroup", "--full-matrix", "--whole-year")
MACHINE = ("pytest", "-n", WORKERS, "-p", "no:cacheprovider", "--full-matrix", "tests/help/test_state_machine.py")
WALKS = ("pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/matching/test_state_machine.py")
NEWS = ("pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/meetings/test_state_machine.py")
FUZZER = ("pytest", "-q", "-p", "no:cacheprovider", "tests/web/test_fuzzed_callbacks.py")
CHAOS = ("chaos",)


def ends(command: tuple[str, ...], **env: str) -> int:
    """Run `python -m command…` and return its exit code."""
    return subprocess.call([sys.executable, "-m", *command], env={**os.environ, **env})


if __name__ == "__main__":
    sys.exit(
        max(
            ends(MATRIX),
            ends(MACHINE, SMSGATE_HELP_STEPS=str(STEPS)),
            ends(WALKS, SMSGATE_WALK_STEPS=str(WALK_STEPS)),
            ends(NEWS, SMSGATE_NEWS_STEPS=str(NEWS_STEPS)),
            ends(FUZZER, SMSGATE_FUZZ_POSTS=str(POSTS)),
            ends(CHAOS),
        )
    )
