"""Counts that single nobody out: among fewer than five people, someone might be recognised."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 5


def is_few(count: int) -> bool:
    """True if a count could identify someone. So could zero: the first person to say something would be noticed."""
    return count < FEW


def may_be_shown(count: int, parts: Sequence[int]) -> bool:
    """Return whether a part of a known count may be shown: it isn't few, and subtraction reveals no part that is."""
    few_ones = sum(part for part in parts if is_few(part))
    return not count or not (is_few(count) or (few_ones and is_few(few_ones)))


def few(count: int, a_few: str) -> str:
    """Return a count as text, or for 1 to 4 `a_few`, which is in the reader's language."""
    return a_few if count and is_few(count) else str(count)


def at_least_few(count: int) -> int:
    """Return a count for a chart or a price: anything below five becomes four, the largest that "a few" may be."""
    return max(count, FEW - 1)
