"""`make bench` runs everything; `python -m bench turns|sqlite|postgresql|matching|backups|finding` runs a part."""

from __future__ import annotations

import sys

from bench import backups, broadcast, deliveries, finding, helptexts, matching, turns


def main(parts: list[str]) -> None:
    """Run the named parts, or all of them."""
    if not parts or "turns" in parts:
        turns.measure()
    for database in ("sqlite", "postgresql"):
        if not parts or database in parts:
            helptexts.measure(database)
            broadcast.measure(database)
            deliveries.measure(database)
        if not parts or "matching" in parts or database in parts:
            matching.measure(database)
    if not parts or "backups" in parts:
        backups.measure()
    if not parts or "finding" in parts:
        finding.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
