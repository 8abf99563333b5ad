"""An authenticator app as a second proof, for who wishes it: codes of six digits by RFC 6238, each good once."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.models import Authenticator, Phone

STEP = 30  # seconds
AROUND = (-1, 0, 1)  # steps: clocks of phones go wrong
BYTES = 20
TRIES = 20  # wrong ones in a row, each after a code by SMS; then the operator helps: smsgate admin sign-out
DIGITS = 6


def of(session: Session, phone_id: int) -> Authenticator | None:
    """Somebody's app, set up or about to be."""
    return session.scalars(select(Authenticator).where(Authenticator.phone_id == phone_id)).first()


def is_on(session: Session, phone_id: int) -> bool:
    """Whether it is asked for."""
    mine = of(session, phone_id)
    return mine is not None and mine.confirmed_at is not None


def make(session: Session, phone_id: int, now: datetime) -> Authenticator:
    """One to be set up, in place of another that never was."""
    mine = of(session, phone_id)
    if mine is None:
        mine = Authenticator(phone_id=phone_id, secret=_secret(), made_at=now)
        session.add(mine)
        session.flush()
    return mine


def address(mine: Authenticator, phone: Phone) -> str:
    """What the app reads as a picture; it names the service, and the end of the number."""
    return _totp(mine).get_provisioning_uri(phone.number[-4:], "smsgate")


def confirm(session: Session, mine: Authenticator, typed: str, now: datetime) -> bool:
    """It is set up where the app shows the right code."""
    if mine.confirmed_at is None and check(mine, typed, now):
        mine.confirmed_at = now
        return True
    return False


def check(mine: Authenticator, typed: str, now: datetime) -> bool:
    """Whether it is the code of these thirty seconds, or of those beside them, and was not used before."""
    if mine.tries >= TRIES:
        return False
    at = int(now.timestamp())
    for step in (at // STEP + around for around in AROUND):
        if step > mine.last_step and _is(mine, typed, step):
            mine.last_step, mine.tries = step, 0
            return True
    mine.tries += 1
    return False


def remove(session: Session, phone_id: int) -> None:
    """It is asked for no more."""
    session.execute(delete(Authenticator).where(Authenticator.phone_id == phone_id))


def _is(mine: Authenticator, typed: str, step: int) -> bool:
    try:
        _totp(mine).verify(typed.encode(), step * STEP)
    except InvalidToken:
        return False
    return True


def _totp(mine: Authenticator) -> TOTP:
    # SHA-1 and 30 seconds: what every app reads.
    return TOTP(base64.b32decode(mine.secret), DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303


def _secret() -> str:
    return base64.b32encode(secrets.token_bytes(BYTES)).decode()
