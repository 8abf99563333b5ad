"""`make bench` measures everything in about ten minutes; `python -m bench turns|sqlite|postgresql` measures a part."""

from __future__ import annotations

import sys

from bench import broadcast, deliveries, helptexts, turns


def main(parts: list[str]) -> None:
    """Measure the parts that are named, or all of them."""
    if not parts or "turns" in parts:
        turns.measure()
    for database in ("sqlite", "postgresql"):
        if not parts or database in parts:
            helptexts.measure(database)
            broadcast.measure(database)
            deliveries.measure(database)


if __name__ == "__main__":
    main(sys.argv[1:])
