"""`make bench`: everything, in under four minutes. `python -m bench turns` or `help` for a part of it."""

from __future__ import annotations

import sys

from bench import turns


def main(parts: list[str]) -> None:
    """What was asked for, or all."""
    if not parts or "turns" in parts:
        turns.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
