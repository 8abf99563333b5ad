"""Sign-in codes sent by SMS, and the sessions of signed-in browsers.

People with an authenticator app enter its code first (`signing_in`): until then no text is sent to their number.
A code has six digits and works once, within ten minutes, in the browser that asked for it, for at most five tries. A
number gets three an hour (`limits`), and a few more in a browser that it has signed in with. So about twenty of a
million codes can be tried in an hour. A number without a role gets the same answer, after the same time. Leaders can
also get a code by dialling (`groups/console_codes.py`), which nobody else can use up.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.dial_codes import typed_code
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.models import ConsoleSession, MessageKind, Phone, SecurityEvent, SignInCode
from smsgate.models.security_events import log_after_commit
from smsgate.outbox import keys
from smsgate.outbox.limits import Cause, Caused
from smsgate.web.console.accounts import permissions, totp

CODE_LASTS = timedelta(minutes=10)
CODE_DIGITS = 6
NO_CODE = "-"  # for people with an app: typed digits never equal it
MAX_TRIES = 5
HOUR = timedelta(hours=1)
SHARED_DEVICE_IDLE = timedelta(minutes=30)  # since it was last used
OWN_DEVICE_IDLE = timedelta(days=14)
SESSION_LASTS = timedelta(days=60)  # since it began, however much it is used
MARK_SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class NewSession:
    """A session that has just begun; only the browser has `secret`, the database stores its hash."""

    id: int
    secret: str


def ask(session: Session, phone: Phone | None, browser: str, now: datetime, *, known: bool = False) -> None:
    """Record who asks to sign in, and text a code unless the app's comes first. `known` is as in `request_code`."""
    if phone is not None and totp.is_required(session, phone.id) and permissions.staff_for(session, phone, now):
        session.add(SignInCode(phone_id=phone.id, code=NO_CODE, browser=_hash(browser), asked_at=now))
    else:
        request_code(session, phone, browser, now, known=known)


def phone_that_asked(session: Session, browser: str, now: datetime) -> Phone | None:
    """Return the phone for which this browser recently asked to sign in, or None if there is none that may."""
    here = (SignInCode.browser == _hash(browser), SignInCode.asked_at > now - CODE_LASTS)
    newest = session.scalars(select(SignInCode).where(*here).order_by(SignInCode.id.desc()).limit(1)).first()
    phone = session.get(Phone, newest.phone_id) if newest else None
    return phone if phone and permissions.staff_for(session, phone, now) else None


def request_code(session: Session, phone: Phone | None, browser: str, now: datetime, *, known: bool = False) -> bool:
    """Text a code if this number may use the console; return whether one was queued. `browser` is its secret.

    `known` means that this number has signed in with the browser before, or just gave its app's code: such requests
    have a limit of their own, which strangers cannot use up.
    """
    session.execute(delete(SignInCode).where(SignInCode.asked_at < now - HOUR))
    if phone is None or permissions.staff_for(session, phone, now) is None:
        log_after_commit(session, SecurityEvent.CODE_FOR_NOBODY, subject=phone.id if phone else None)
        return False
    session.execute(select(Phone.id).where(Phone.id == phone.id).with_for_update())  # counts two requests at once
    code = typed_code(CODE_DIGITS)
    row = SignInCode(phone_id=phone.id, code=code, browser=_hash(browser), asked_at=now)
    session.add(row)
    session.flush()
    with speaking(phone.language):
        words = sms.sign_in_code(code)
    text = outbox.Text(
        words=words, key=keys.sign_in(row.id), kind=MessageKind.ALERT, expires_at=now + CODE_LASTS,
        caused=Caused(Cause.SIGN_IN_KNOWN if known else Cause.SIGN_IN),
    )  # fmt: skip
    if outbox.send_text(session, phone.id, text, now) is not None:
        log_after_commit(session, SecurityEvent.CODE_SENT, subject=phone.id)
        return True
    session.delete(row)
    log_after_commit(session, SecurityEvent.CODE_LIMITED, subject=phone.id)
    return False


def check_code(session: Session, browser: str, typed: str, now: datetime) -> Phone | None:
    """Return the phone whose newest code this is, or None. A wrong code uses up one try; a right one works once."""
    here = (SignInCode.browser == _hash(browser), SignInCode.asked_at > now - CODE_LASTS)
    open_ = (SignInCode.used_at.is_(None), SignInCode.tries < MAX_TRIES)
    rows = select(SignInCode).where(*here, *open_).order_by(SignInCode.id.desc()).limit(1)
    newest = session.scalars(rows.with_for_update()).first()
    if newest is None:
        return None
    newest.tries += 1
    if not secrets.compare_digest(newest.code.encode(), typed.encode()):
        return None
    newest.used_at = now
    return session.get(Phone, newest.phone_id)


def start_session(
    session: Session, phone: Phone, browser: str, now: datetime, *, own_device: bool, second: bool = False
) -> NewSession:
    """Sign a browser in and return its session; `browser` is a name by which its user recognises it."""
    secret = secrets.token_urlsafe(32)
    row = ConsoleSession(
        phone_id=phone.id, secret=_hash(secret), browser=browser[:60], own_device=own_device, second=second,
        began_at=now, seen_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log_after_commit(
        session, SecurityEvent.SIGNED_IN, by=phone.id, signed_in=row.id, second=second, own_device=own_device
    )
    return NewSession(row.id, secret)


def find_session(session: Session, secret: str, now: datetime) -> ConsoleSession | None:
    """Return the active session of a browser, or None; if the user has an app, the session must have used it."""
    row = session.scalars(select(ConsoleSession).where(ConsoleSession.secret == _hash(secret))).first()
    if row is None or not is_active(row, now):
        return None
    return row if row.second or not totp.is_required(session, row.phone_id) else None


def is_active(row: ConsoleSession, now: datetime) -> bool:
    """Return whether the session has neither been ended nor timed out."""
    idle = OWN_DEVICE_IDLE if row.own_device else SHARED_DEVICE_IDLE
    return row.ended_at is None and row.seen_at > now - idle and row.began_at > now - SESSION_LASTS


def is_stale(row: ConsoleSession, now: datetime) -> bool:
    """Return whether to update `seen_at`: at most every five minutes, so that reading pages rarely causes a write."""
    return row.seen_at < now - MARK_SEEN_EVERY


def mark_seen(session: Session, session_id: int, now: datetime) -> None:
    """Record that the session is in use."""
    session.execute(update(ConsoleSession).where(ConsoleSession.id == session_id).values(seen_at=now))


def mark_second_factor(session: Session, session_id: int) -> None:
    """Record that the authenticator app's code was given in this session."""
    session.execute(update(ConsoleSession).where(ConsoleSession.id == session_id).values(second=True))


def sessions_of(session: Session, phone_id: int, now: datetime) -> list[ConsoleSession]:
    """Return someone's active sessions, newest first."""
    rows = select(ConsoleSession).where(ConsoleSession.phone_id == phone_id, ConsoleSession.ended_at.is_(None))
    return [row for row in session.scalars(rows.order_by(ConsoleSession.id.desc())) if is_active(row, now)]


def end_sessions(session: Session, phone_id: int, now: datetime, *ids: int) -> None:
    """End these sessions of one phone; without ids, all of them."""
    here = ConsoleSession.phone_id == phone_id, ConsoleSession.ended_at.is_(None)
    which = (ConsoleSession.id.in_(ids),) if ids else ()
    ended = session.scalars(
        update(ConsoleSession).where(*here, *which).values(ended_at=now).returning(ConsoleSession.id)
    ).all()
    if ended:
        log_after_commit(session, SecurityEvent.SIGNED_OUT, subject=phone_id, sessions=list(ended))


def _hash(secret: str) -> str:
    return blake2s(secret.encode()).hexdigest()
