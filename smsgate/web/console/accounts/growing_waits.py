"""Waits that grow with each wrong app code, separate for each who may be typing: nobody locks someone else out.

Five wrong ones are free. Then the wait after each doubles, from a minute to an hour; a try meanwhile is not even looked
at, and counts for nothing. A right code, or a day without a wrong one, ends it.
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
    """How long to wait after so many wrong ones in a row."""
    return timedelta(0) if times < FREE else min(FIRST * 2 ** min(times - FREE, 10), LONGEST)


def wait_left(session: Session, who: str, now: datetime) -> timedelta:
    """How long `who` has to wait until a code of theirs is looked at; zero if it is."""
    row = session.scalars(select(WrongCodes).where(WrongCodes.tag == _tag(session, who))).first()
    wait = wait_after(row.times) if row else timedelta(0)
    # Of two tries at once the earlier one may be looked at last: where nobody has to wait, it counts too.
    return max(row.at + wait - now, timedelta(0)) if row and wait else timedelta(0)


def note_wrong(session: Session, who: str, now: datetime) -> None:
    """Count a wrong one."""
    session.execute(delete(WrongCodes).where(WrongCodes.at < now - FORGOTTEN_AFTER))
    tag = _tag(session, who)
    session.execute(insert_new(session, WrongCodes).values(tag=tag, times=0, at=now))
    row = session.scalars(select(WrongCodes).where(WrongCodes.tag == tag).with_for_update()).one()
    row.times, row.at = row.times + 1, now
    session.flush()


def forget(session: Session, who: str) -> None:
    """Start over, after a right one."""
    session.execute(delete(WrongCodes).where(WrongCodes.tag == _tag(session, who)))


def _tag(session: Session, who: str) -> str:
    return keys_of(session.get_bind().dialect).tag(f"wrong codes {who}")
