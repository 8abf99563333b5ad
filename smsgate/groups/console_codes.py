"""Console sign-in codes that leaders read by dialling; as no text is sent, nobody else can use up their allowance."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.core.dial_codes import typed_code
from smsgate.core.encryption import keys_of
from smsgate.models import Phone, SecurityEvent, SignInCode
from smsgate.models.security_events import log_after_commit

DIALLED = "dialled"  # stored in place of a browser: the code works in any
DIGITS = 10  # more than an SMS code's six: anyone who knows the number can guess at it
LASTS = timedelta(minutes=10)
# From all browsers, per code: few of ten thousand million, yet eight times what the flood limit of the sign-in
# (`try_limits`) lets an address try while a code lasts, so that no stranger uses it up.
MOST_TRIES = 50_000


def issue(session: Session, phone: Phone, now: datetime) -> str:
    """Return a new code; the previous one stops working."""
    before = (SignInCode.phone_id == phone.id, SignInCode.browser == DIALLED, SignInCode.used_at.is_(None))
    session.execute(update(SignInCode).where(*before).values(used_at=now))
    code = typed_code(DIGITS)
    session.add(SignInCode(phone_id=phone.id, code=code, browser=DIALLED, asked_at=now))
    log_after_commit(session, SecurityEvent.CODE_DIALLED, by=phone.id)
    return code


def number_tag(session: Session, number: str) -> str:
    """Return a pseudonym of an E.164 number, to be kept by the browser that asked to sign in with it."""
    return keys_of(session.get_bind().dialect).tag(f"console {number}")


def use(session: Session, number_tag_asked: str, typed: str, now: datetime) -> Phone | None:
    """Use up a code and return its phone; None if it is not valid for the number that the browser signs in with."""
    if len(typed) != DIGITS:
        return None
    alive = (SignInCode.browser == DIALLED, SignInCode.used_at.is_(None), SignInCode.asked_at > now - LASTS)
    rows = select(SignInCode).where(*alive, SignInCode.tries < MOST_TRIES)
    for row in session.scalars(rows.with_for_update()).all():
        phone = session.get_one(Phone, row.phone_id)
        if number_tag(session, phone.number) == number_tag_asked:
            row.tries += 1
            if secrets.compare_digest(row.code.encode(), typed.encode()):
                row.used_at = now
                return phone
    return None
