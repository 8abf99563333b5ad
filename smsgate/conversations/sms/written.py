"""When a text was written: the provider's `date`, as far as our own clock bears it out.

A text may wait at the provider for hours and in our queue for minutes. What was asked after it was written is nothing
that it can answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OLDEST = timedelta(days=1)  # the provider tries for 12 hours, after the network did; a date before that is not true
FARTHEST = timedelta(days=3)  # no network tries for longer
CANNOT_BE_TRUE = timedelta(days=365)
STEP = timedelta(seconds=1)  # of most dates: such a one may mean any moment of its second
TIME_FROM = 11  # characters before the time of day; a date without one says too little


def parse_date(date: str, received_at: datetime) -> datetime | None:
    """Read the provider's date, in UTC where it names no zone; None if it cannot be read, or cannot be true."""
    dated = _read(date)
    if dated is None:
        return None
    return dated if len(date.strip()) > TIME_FROM and abs(received_at - dated) <= OLDEST else None


def is_too_far(date: str, received_at: datetime) -> bool:
    """Return whether the provider's date is days ago, so that nobody has just sent the text.

    A date of another year, or one to come, cannot be true: a provider's clock may be wrong, and its texts are heard.
    """
    dated = _read(date)
    return dated is not None and FARTHEST < received_at - dated < CANNOT_BE_TRUE


def _read(date: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(date.strip())
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written_at(dated_at: datetime | None, received_at: datetime) -> datetime:
    """When a text was written at the latest: never later than it reached us, and then if nothing is known."""
    if dated_at is None:
        return received_at
    return min(dated_at if dated_at.microsecond else dated_at + STEP, received_at)
