"""Recovery codes, each of which replaces a code of the authenticator app once, if the phone with the app is lost.

A set of eight is made when the app is confirmed. It is shown once and replaced as a whole; the database stores only
keyed hashes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.dial_codes import typed_code
from smsgate.core.encryption import keys_of
from smsgate.models import RecoveryCode, SecurityEvent
from smsgate.models.security_events import log_after_commit

COUNT = 8
DIGITS = 12  # more than any other code, so the length tells them apart; only digits, to type on a keypad


def make(session: Session, phone_id: int) -> list[str]:
    """Replace someone's codes with a new set, like `1234-5678-9012`, and return it: it can only be shown now."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.phone_id == phone_id))
    codes = [typed_code(DIGITS) for _code in range(COUNT)]
    session.add_all(RecoveryCode(phone_id=phone_id, code=_tag(session, phone_id, code)) for code in codes)
    log_after_commit(session, SecurityEvent.RECOVERY_CODES_MADE, by=phone_id)
    return ["-".join(code[at : at + 4] for at in range(0, DIGITS, 4)) for code in codes]


def looks_like_one(typed: str) -> bool:
    """Return whether this has the length of a recovery code, not the six digits of the app."""
    return len(_digits(typed)) == DIGITS


def use(session: Session, phone_id: int, typed: str, now: datetime) -> bool:
    """Use up a code; return whether it was one of theirs and unused."""
    unused = (RecoveryCode.phone_id == phone_id, RecoveryCode.used_at.is_(None))
    this = RecoveryCode.code == _tag(session, phone_id, _digits(typed))
    used = update(RecoveryCode).where(*unused, this).values(used_at=now)
    if session.scalars(used.returning(RecoveryCode.id)).first() is None:
        return False
    log_after_commit(session, SecurityEvent.RECOVERY_CODE_USED, by=phone_id)
    return True


def count_left(session: Session, phone_id: int) -> int:
    """Return how many unused codes someone has."""
    unused = (RecoveryCode.phone_id == phone_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def remove(session: Session, phone_id: int) -> None:
    """Remove someone's codes, together with the app."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.phone_id == phone_id))


def _digits(typed: str) -> str:
    return "".join(filter(str.isdigit, typed))


def _tag(session: Session, phone_id: int, digits: str) -> str:
    return keys_of(session.get_bind().dialect).tag(f"recovery code {phone_id} {digits}")
