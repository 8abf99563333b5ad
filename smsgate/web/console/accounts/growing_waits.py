"""Waits that grow with each wrong app code, counted per typist, so that nobody can lock someone else out.

Five wrong codes cause no wait. After that the wait doubles with each, from a minute to an hour; a try during a wait is
neither checked nor counted. A right code, or a day without a wrong one, resets the count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.core.encryption import keys_of
from smsgate.models import WrongCodes

FREE = 5
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)


def wait_after(times: int) -> timedelta:
    """Return how long to wait after this many wrong codes in a row."""
    return timedelta(0) if times < FREE else min(FIRST * 2 ** min(times - FREE, 10), LONGEST)


def wait_left(session: Session, who: str, now: datetime) -> timedelta:
    """Return how long `who` must wait until a code of theirs is checked; zero if they needn't."""
    row = session.scalars(select(WrongCodes).where(WrongCodes.tag == _tag(session, who))).first()
    wait = wait_after(row.times) if row else timedelta(0)
    # Without a wait, return zero even if row.at is later than `now`: two tries at once may be checked out of order.
    return max(row.at + wait - now, timedelta(0)) if row and wait else timedelta(0)


def note_wrong(session: Session, who: str, now: datetime) -> None:
    """Count a wrong code."""
    session.execute(delete(WrongCodes).where(WrongCodes.at < now - FORGOTTEN_AFTER))
    tag = _tag(session, who)
    session.execute(insert_new(session, WrongCodes).values(tag=tag, times=0, at=now))
    row = session.scalars(select(WrongCodes).where(WrongCodes.tag == tag).with_for_update()).one()
    row.times, row.at = row.times + 1, now
    session.flush()


def forget(session: Session, who: str) -> None:
    """Reset the count after a right code."""
    session.execute(delete(WrongCodes).where(WrongCodes.tag == _tag(session, who)))


def _tag(session: Session, who: str) -> str:
    return keys_of(session.get_bind().dialect).tag(f"wrong codes {who}")
