"""When a text was written: the provider's `date`, as far as our own clock bears it out.

A text may wait at the provider for hours and in our queue for minutes. It cannot answer what was asked after it was
written.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OLDEST = timedelta(days=1)  # the provider tries for 12 hours, after the network did; an older date is not true
FARTHEST = timedelta(days=3)  # no network tries for longer
CANNOT_BE_TRUE = timedelta(days=365)
STEP = timedelta(seconds=1)  # the precision of most dates: one may mean any moment of its second
TIME_FROM = 11  # characters before the time of day; a date without a time says too little


def parse_date(date: str, received_at: datetime) -> datetime | None:
    """Read the provider's date, as UTC if it names no zone; None if it cannot be read, or cannot be true."""
    dated = _read(date)
    if dated is None:
        return None
    return dated if len(date.strip()) > TIME_FROM and abs(received_at - dated) <= OLDEST else None


def is_too_far(date: str, received_at: datetime) -> bool:
    """Return whether the provider's date is days ago, so that nobody has just sent the text.

    A date of a year ago or in the future cannot be true: the provider's clock may be wrong, so its texts are heard.
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
    """Return when a text was written at the latest: when it reached us, or earlier if the date says so."""
    if dated_at is None:
        return received_at
    return min(dated_at if dated_at.microsecond else dated_at + STEP, received_at)
