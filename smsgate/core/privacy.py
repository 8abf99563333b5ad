"""Counts of people, shown so that they point to nobody: one under five could be a person that somebody recognises."""

from __future__ import annotations

FEW = 5


def is_few(count: int) -> bool:
    """Whether a count could point to somebody; so could none, where the first to say something would be seen."""
    return count < FEW


def few(count: int, a_few: str) -> str:
    """A count; `a_few` in the reader's language in place of 1 to 4."""
    return a_few if count and is_few(count) else str(count)


def at_least_few(count: int) -> int:
    """A count as a picture or a price may have it: one of a few is as large as any few may be."""
    return max(count, FEW - 1)
