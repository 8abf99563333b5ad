"""Signing in to the console: a number, a code by SMS, perhaps an authenticator app; the browsers that are signed in.

A code has six digits, is good for ten minutes, once, in the browser that asked, and for five tries; a number gets three
an hour. So of a million codes fifteen are tried in an hour. Who asks for a number that leads nothing is told the same.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.models import ConsoleSession, MessageKind, Phone, SignInCode
from smsgate.web.console.accounts import permissions, totp

CODE_LASTS = timedelta(minutes=10)
CODE_DIGITS = 6
TRIES = 5
AN_HOUR = 3  # codes
HOUR = timedelta(hours=1)
SHARED_LASTS = timedelta(minutes=30)  # since it was seen last
OWN_LASTS = timedelta(days=14)
AT_MOST = timedelta(days=60)  # since it began
SEEN_EVERY = timedelta(minutes=5)
KEPT = timedelta(days=30)  # sessions that ended, for their holder to look at


@dataclass(frozen=True)
class Begun:
    """A browser that is signed in; `secret` is for the browser, and kept nowhere else."""

    id: int
    secret: str


def ask(session: Session, phone: Phone | None, browser: str, now: datetime) -> bool:
    """Have a code sent, where this number leads something; whether one is on its way. `browser` is its secret."""
    session.execute(delete(SignInCode).where(SignInCode.asked_at < now - HOUR))
    if phone is None or permissions.of(session, phone, now) is None:
        return False
    asked = select(func.count()).select_from(SignInCode).where(SignInCode.phone_id == phone.id)
    if (session.scalar(asked) or 0) >= AN_HOUR:
        return False
    code = "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))
    row = SignInCode(phone_id=phone.id, code=code, browser=_hash(browser), asked_at=now)
    session.add(row)
    session.flush()
    with speaking(phone.language):
        words = sms.sign_in_code(code)
    text = outbox.Text(words=words, key=f"sign_in:{row.id}", kind=MessageKind.ALERT, expires_at=now + CODE_LASTS)
    return outbox.send_text(session, phone.id, text, now) is not None


def check(session: Session, browser: str, typed: str, now: datetime) -> Phone | None:
    """Whose code it is: the newest that this browser asked for. A wrong one counts, the right one is gone with it."""
    here = (SignInCode.browser == _hash(browser), SignInCode.asked_at > now - CODE_LASTS)
    open_ = (SignInCode.used_at.is_(None), SignInCode.tries < TRIES)
    rows = select(SignInCode).where(*here, *open_).order_by(SignInCode.id.desc()).limit(1)
    newest = session.scalars(rows.with_for_update()).first()
    if newest is None:
        return None
    newest.tries += 1
    if not secrets.compare_digest(newest.code.encode(), typed.encode()):
        return None
    newest.used_at = now
    return session.get(Phone, newest.phone_id)


def begin(
    session: Session, phone: Phone, browser: str, now: datetime, *, own_device: bool, second: bool = False
) -> Begun:
    """Sign a browser in; `browser` is how its holder knows it."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at < now - KEPT - OWN_LASTS))
    secret = secrets.token_urlsafe(32)
    row = ConsoleSession(
        phone_id=phone.id, secret=_hash(secret), browser=browser[:60], own_device=own_device, second=second,
        began_at=now, seen_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Begun(row.id, secret)


def found(session: Session, secret: str, now: datetime) -> ConsoleSession | None:
    """The session of a browser, while it lasts and as strong as it has to be."""
    row = session.scalars(select(ConsoleSession).where(ConsoleSession.secret == _hash(secret))).first()
    if row is None or not lasts(row, now):
        return None
    return row if row.second or not totp.is_on(session, row.phone_id) else None


def lasts(row: ConsoleSession, now: datetime) -> bool:
    """Whether it has not ended, by its holder or by itself."""
    idle = OWN_LASTS if row.own_device else SHARED_LASTS
    return row.ended_at is None and row.seen_at > now - idle and row.began_at > now - AT_MOST


def is_stale(row: ConsoleSession, now: datetime) -> bool:
    """Whether to note that it was seen: at most every five minutes, so that reading a page writes nothing."""
    return row.seen_at < now - SEEN_EVERY


def seen(session: Session, session_id: int, now: datetime) -> None:
    """It is used at this moment."""
    session.execute(update(ConsoleSession).where(ConsoleSession.id == session_id).values(seen_at=now))


def strengthen(session: Session, session_id: int) -> None:
    """The authenticator app was shown in it."""
    session.execute(update(ConsoleSession).where(ConsoleSession.id == session_id).values(second=True))


def mine(session: Session, phone_id: int, now: datetime) -> list[ConsoleSession]:
    """Where somebody is signed in, the newest first."""
    rows = select(ConsoleSession).where(ConsoleSession.phone_id == phone_id, ConsoleSession.ended_at.is_(None))
    return [row for row in session.scalars(rows.order_by(ConsoleSession.id.desc())) if lasts(row, now)]


def end(session: Session, phone_id: int, now: datetime, *ids: int) -> None:
    """End these sessions of somebody's own; without ids, all of them."""
    here = ConsoleSession.phone_id == phone_id, ConsoleSession.ended_at.is_(None)
    which = (ConsoleSession.id.in_(ids),) if ids else ()
    session.execute(update(ConsoleSession).where(*here, *which).values(ended_at=now))


def _hash(secret: str) -> str:
    return blake2s(secret.encode()).hexdigest()
