"""An authenticator app as an optional second factor: six-digit TOTP codes (RFC 6238), each accepted once."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.models import Authenticator, Phone, SecurityEvent
from smsgate.models.security_events import log_after_commit
from smsgate.web.console.accounts import growing_waits, recovery_codes

STEP = 30  # seconds
TOLERATED_STEPS = (-1, 0, 1)  # relative to now: the clocks of phones drift
SECRET_BYTES = 20
DIGITS = 6
ANYBODY, PROVED, INSIDE = "anybody", "proved", "inside"  # anyone; who gave the phone's code; who is signed in


def find(session: Session, phone_id: int) -> Authenticator | None:
    """Return someone's app, confirmed or still being set up, or None."""
    return session.scalars(select(Authenticator).where(Authenticator.phone_id == phone_id)).first()


def is_required(session: Session, phone_id: int) -> bool:
    """Return whether signing in takes a code of the app."""
    mine = find(session, phone_id)
    return mine is not None and mine.confirmed_at is not None


def create(session: Session, phone_id: int, now: datetime) -> Authenticator:
    """Return someone's app, still to be confirmed; create it with a new secret if there is none."""
    new = {"phone_id": phone_id, "secret": _secret(), "made_at": now, "last_step": 0, "tries": 0}
    log_after_commit(session, SecurityEvent.FACTOR_BEGUN, by=phone_id)
    session.execute(insert_new(session, Authenticator).values(new))  # of two requests at once, only one inserts it
    return session.scalars(select(Authenticator).where(Authenticator.phone_id == phone_id)).one()


def address(mine: Authenticator, phone: Phone) -> str:
    """Return the otpauth:// address for the QR code; it names the service and the end of the number."""
    return _totp(mine).get_provisioning_uri(phone.number[-4:], "smsgate")


def confirm(session: Session, phone_id: int, typed: str, now: datetime) -> bool:
    """Finish the set-up if `typed` is the code that the app shows; return whether it was."""
    mine = _locked(session, phone_id)
    if mine is not None and mine.confirmed_at is None and check(session, phone_id, typed, now, who=INSIDE):
        mine.confirmed_at = now
        log_after_commit(session, SecurityEvent.FACTOR_ADDED, by=phone_id)
        return True
    return False


def check(session: Session, phone_id: int, typed: str, now: datetime, *, who: str) -> bool:
    """Return whether `typed` is a valid app code or recovery code; count it if it is wrong.

    An app code is valid for its own step and the ones beside it, and only if it is newer than the last one used.

    `who` says who may be typing: ANYBODY, the mark of a known browser, PROVED or INSIDE. Each has its own waits.

    The row is locked, so that if the same code is tried twice at once only one try succeeds, and each wrong one counts.
    """
    mine = _locked(session, phone_id)
    typist = typist_of(phone_id, who)
    if mine is None or growing_waits.wait_left(session, typist, now):
        return False
    if recovery_codes.looks_like_one(typed) and recovery_codes.use(session, phone_id, typed, now):
        growing_waits.forget(session, typist)
        return True
    typed, at = "".join(filter(str.isdigit, typed)), int(now.timestamp())
    for step in (at // STEP + offset for offset in TOLERATED_STEPS):
        if step > mine.last_step and _is(mine, typed, step):
            mine.last_step = step
            growing_waits.forget(session, typist)
            return True
    growing_waits.note_wrong(session, typist, now)
    log_after_commit(session, SecurityEvent.APP_CODE_WRONG, subject=phone_id, who=who)
    return False


def typist_of(phone_id: int, who: str) -> str:
    """Return the key under which wrong codes are counted together."""
    return f"{phone_id} {who}"


def remove(session: Session, phone_id: int) -> None:
    """Remove the app and its recovery codes; from then on signing in takes only the SMS code."""
    if is_required(session, phone_id):
        log_after_commit(session, SecurityEvent.FACTOR_REMOVED, subject=phone_id)
    recovery_codes.remove(session, phone_id)
    session.execute(delete(Authenticator).where(Authenticator.phone_id == phone_id))


def _locked(session: Session, phone_id: int) -> Authenticator | None:
    """Return the app, locked until the transaction ends and read afresh."""
    row = select(Authenticator).where(Authenticator.phone_id == phone_id).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).first()


def _is(mine: Authenticator, typed: str, step: int) -> bool:
    try:
        _totp(mine).verify(typed.encode(), step * STEP)
    except InvalidToken:
        return False
    return True


def _totp(mine: Authenticator) -> TOTP:
    # SHA-1 and 30 seconds are what every app supports.
    return TOTP(base64.b32decode(mine.secret), DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303


def _secret() -> str:
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
