"""Where a step is now, in a draft that someone else changed after the step's form was opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from hashlib import blake2s
from typing import Any


def marks(steps: Iterable[Mapping[str, Any]]) -> str:
    """Return a short fingerprint of each step, separated by spaces; the form carries them."""
    return " ".join(blake2s(repr(sorted(step.items())).encode(), digest_size=3).hexdigest() for step in steps)


def place_now(before: Sequence[str], now: Sequence[str], at: int) -> tuple[int, bool]:
    """Return the position of the step that was at `at`, and whether it is still there, perhaps changed.

    If it is gone, the position is where it would be inserted again.
    """
    if at >= len(before):
        return len(now), False
    if list(before).count(before[at]) == list(now).count(before[at]) == 1:
        return now.index(before[at]), True
    for _what, first, end, new_first, new_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if first <= at < end:
            alike = end - first == new_end - new_first
            return (new_first + at - first, True) if alike else (new_first, False)
    return len(now), False
