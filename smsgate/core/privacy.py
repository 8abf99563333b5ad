"""Counts that single nobody out: among fewer than five people, someone might be recognised."""

from __future__ import annotations

FEW = 5


def is_few(count: int) -> bool:
    """True if a count could identify someone. So could zero, where the first to say something would be noticed."""
    return count < FEW


def few(count: int, a_few: str) -> str:
    """Returns a count as text; `a_few`, in the reader's language, in place of 1 to 4."""
    return a_few if count and is_few(count) else str(count)


def at_least_few(count: int) -> int:
    """Returns a count for a chart or a price: anything below five becomes four, the largest that "a few" may be."""
    return max(count, FEW - 1)
