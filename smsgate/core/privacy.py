"""Counts that single nobody out: among fewer than five people, someone might be recognised."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 5


def is_few(count: int) -> bool:
    """True if a count could identify someone. So could zero, where the first to say something would be noticed."""
    return count < FEW


def may_be_shown(count: int, parts: Sequence[int]) -> bool:
    """Whether a part of a known count may be shown: not few itself, nor telling others that are by subtraction."""
    few_ones = sum(part for part in parts if is_few(part))
    return not count or not (is_few(count) or (few_ones and is_few(few_ones)))


def few(count: int, a_few: str) -> str:
    """Returns a count as text; `a_few`, in the reader's language, in place of 1 to 4."""
    return a_few if count and is_few(count) else str(count)


def at_least_few(count: int) -> int:
    """Returns a count for a chart or a price: anything below five becomes four, the largest that "a few" may be."""
    return max(count, FEW - 1)
