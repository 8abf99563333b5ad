"""`make bench`: everything, in about ten minutes; `python -m bench` with turns, sqlite or postgresql: that part."""

from __future__ import annotations

import sys

from bench import broadcast, deliveries, helptexts, turns


def main(parts: list[str]) -> None:
    """What was asked for, or all."""
    if not parts or "turns" in parts:
        turns.measure()
    for database in ("sqlite", "postgresql"):
        if not parts or database in parts:
            helptexts.measure(database)
            broadcast.measure(database)
            deliveries.measure(database)


if __name__ == "__main__":
    main(sys.argv[1:])
