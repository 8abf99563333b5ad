"""PINs: they guard reading and changing on a phone that others may hold. Asking for help never needs one.

Guessing is slow: from the fifth on, each wrong PIN starts a wait, doubling up to four hours, in which no PIN is
checked. A second PIN opens an empty account. It does not reset the count of wrong PINs, or someone who knows it could
go on guessing forever. A forgotten PIN is removed after three days with a text each day, or by a code sent to the
member's responders: someone who holds the phone for an hour can do neither in secret.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import end_sessions_after_commit
from smsgate.core.dial_codes import typed_code
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.flows.guard import Access, Act, Channel, access
from smsgate.groups.wording import speaking_of
from smsgate.help import requests
from smsgate.help.names import language_for, member_name
from smsgate.members.guard import states_of
from smsgate.models import Lane, Member, MessageKind, Pin
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, limits
from smsgate.outbox.limits import Cause, Caused

# OWASP's argon2id parameters for a busy server: 19 MiB, two passes.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
FREE_TRIES = 5  # wrong PINs before the first wait
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
OFF_AFTER = timedelta(days=3)
DAY = timedelta(days=1)
CODE_TRIES = 5


class PinResult(StrEnum):
    """What a typed PIN opens."""

    OPEN = "open"
    EMPTY = "empty"  # the second PIN
    WRONG = "wrong"
    WAIT = "wait"


def looks_like_pin(typed: str) -> bool:
    """Return whether this could be a PIN: 4 to 8 digits."""
    return re.fullmatch(r"[0-9]{4,8}", typed) is not None


def is_obvious(typed: str) -> bool:
    """Return whether it is easily guessed, like 1111, 1234, 4321 or 1212."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(typed)}
    return len(steps) == 1 or typed[:2] * (len(typed) // 2) == typed


def hash_pin(typed: str) -> str:
    """Return a PIN or code as it is stored: an argon2id hash."""
    return HASHER.hash(typed)


def matches(kept: str | None, typed: str) -> bool:
    """Return whether `typed` matches the hash; False if there is no hash or it is unreadable."""
    try:
        return kept is not None and HASHER.verify(kept, typed)
    except (VerificationError, InvalidHashError):
        return False


def has_pin() -> ColumnElement[bool]:
    """Return the condition that a Member has set a PIN."""
    return exists().where(Pin.member_id == Member.id)


def pin_of(session: Session, member: Member | None) -> Pin | None:
    """Return the member's PIN, or None if they have not set one."""
    return session.scalars(select(Pin).where(Pin.member_id == member.id)).first() if member else None


def check_pin(session: Session, member: Member, typed: str, now: datetime) -> tuple[PinResult, int]:
    """Return what a typed PIN opens, and for how many minutes no PIN is checked from now on.

    The row is locked, so that guesses made at the same moment are counted one by one.
    """
    pin = session.scalars(select(Pin).where(Pin.member_id == member.id).with_for_update()).one()
    if pin.wait_until is not None and now < pin.wait_until:
        return PinResult.WAIT, _whole_minutes(pin.wait_until - now)
    # Always check both: the time taken must not reveal which PIN it was, or that there is a second one.
    is_first, is_second = matches(pin.first, typed), matches(pin.second or _nobodys(HASHER), typed)
    if is_first:
        pin.fails, pin.wait_until = 0, None
        return PinResult.OPEN, 0
    if is_second:
        return PinResult.EMPTY, 0
    pin.fails += 1
    if pin.fails < FREE_TRIES:
        return PinResult.WRONG, 0
    wait = min(FIRST_WAIT * 2 ** min(pin.fails - FREE_TRIES, 16), LONGEST_WAIT)
    pin.wait_until = now + wait
    return PinResult.WRONG, _whole_minutes(wait)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """Return the hash of a text that is no PIN, to check where there is no second PIN."""
    return hasher.hash("nobody types this")


def _whole_minutes(wait: timedelta) -> int:
    return -(-int(wait.total_seconds()) // 60)


def set_pin(session: Session, member: Member, kept: str) -> None:
    """Set or replace the PIN; `kept` is its hash."""
    pin = pin_of(session, member)
    if pin is None:
        pin = Pin(member_id=member.id)
        session.add(pin)
    pin.first, pin.fails, pin.wait_until = kept, 0, None
    end_sessions_after_commit(session, member.phone.number)  # open ones may show what the PIN now guards


def set_second_pin(session: Session, member: Member, kept: str | None) -> None:
    """Set the second PIN to this hash; None removes it."""
    pin = pin_of(session, member)
    if pin is not None:
        pin.second = kept
        end_sessions_after_commit(session, member.phone.number)


def remove_pin(session: Session, member: Member) -> None:
    """Remove both PINs."""
    pin = pin_of(session, member)
    if pin is not None:
        session.delete(pin)
        session.flush()


def request_removal(session: Session, member: Member, now: datetime, code: str) -> str:
    """Have a forgotten PIN removed in three days, and tell the member so by text.

    Returns `asked`; `before` if that had been requested already; `closed` if there is no PIN, no text would reach
    them, or they have caused too many texts.
    """
    pin = pin_of(session, member)
    if pin is None or not _may_be_removed(session, member, now):
        return "closed"
    if pin.off_at is not None:
        return "before"
    if not limits.has_room(session, _caused(member), now, target=member.phone):
        return "closed"
    pin.off_at, pin.off_asked_at, pin.off_told_at = now + OFF_AFTER, now, now
    _send_removal_text(session, member, pin, sms.change_asked, now, code, caused=_caused(member))
    return "asked"


def _caused(member: Member) -> Caused:
    return Caused(Cause.ACCOUNT, member.phone.number)


def cancel_removal(session: Session, member: Member) -> None:
    """Cancel the removal: the PIN stays."""
    pin = pin_of(session, member)
    if pin is not None:
        _cancel(pin)


def _cancel(pin: Pin) -> None:
    pin.off_at = pin.off_asked_at = pin.off_told_at = None


def _may_be_removed(session: Session, member: Member, now: datetime) -> bool:
    """Return whether waiting may remove the PIN: only while texts that announce it reach the phone."""
    states = states_of(session, member.phone, member, now)
    return access(Channel.USSD, Act.REMOVE_PIN, states) is Access.FREE


def send_removal_code(session: Session, member: Member, now: datetime) -> bool:
    """Send the responders a code; return False if none can be reached, the last code still works or a limit is hit."""
    pin, agreed = pin_of(session, member), requests.reachable(session, member, now)
    if pin is None or not agreed or (pin.code_until is not None and pin.code_until > now):
        return False
    code, words_to = typed_code(6), list[str]()
    for responder in agreed:
        with speaking_of(member, language_for(responder)):
            words_to.append(sms.pin_code(member_name(member), code))
    if not limits.has_room(session, _caused(member), now, amount=outbox.count_sms(words_to)):
        return False
    pin.code, pin.code_until, pin.code_fails = hash_pin(code), now + DAY, 0
    for responder, words in zip(agreed, words_to, strict=True):
        text = outbox.Text(
            words=words,
            key=keys.pin_code(pin.id, now),
            kind=MessageKind.HELP_NEWS,
            lane=Lane.URGENT,
            expires_at=now + DAY,
            caused=_caused(member),
        )
        outbox.send_text(session, responder.phone_id, text, now)
    return True


def remove_with_code(session: Session, member: Member, typed: str, now: datetime) -> bool:
    """Remove the PIN if `typed` is the responders' code; return False if it is wrong, expired or tried too often."""
    pin = session.scalars(select(Pin).where(Pin.member_id == member.id).with_for_update()).first()
    if (
        pin is None
        or pin.code is None
        or pin.code_until is None
        or pin.code_until <= now
        or pin.code_fails >= CODE_TRIES
    ):
        return False
    if not matches(pin.code, typed):
        pin.code_fails += 1
        return False
    remove_pin(session, member)
    return True


def run_scheduled_tasks(session: Session, now: datetime, code: str) -> None:
    """Remove forgotten PINs after three days, and text members each day until then. Run by the scheduler.

    If texts no longer reach the phone (opted out, possibly reassigned), the removal is cancelled: it would be secret.
    """
    asked = select(Pin.id).where(Pin.off_at.is_not(None)).with_for_update()

    def go_on(ids: Sequence[int]) -> None:
        for pin_id in ids:
            _go_on_with_removal(session, session.get_one(Pin, pin_id), now, code)

    work_on_each(session, "PINs to remove", session.scalars(asked).all(), go_on, now)


def _go_on_with_removal(session: Session, pin: Pin, now: datetime, code: str) -> None:
    member = session.get_one(Member, pin.member_id)
    if not _may_be_removed(session, member, now):
        _cancel(pin)  # no text would announce it any more
    elif pin.off_at is not None and pin.off_at <= now:
        _send_removal_text(session, member, pin, sms.change_made, now, code)
        session.delete(pin)
    elif pin.off_told_at is not None and pin.off_told_at <= now - DAY:
        pin.off_told_at = now
        _send_removal_text(session, member, pin, sms.change_asked, now, code)


def _send_removal_text(
    session: Session, member: Member, pin: Pin, text_for: sms.OfCode, now: datetime, code: str,
    caused: Caused | None = None,
) -> None:  # fmt: skip
    with speaking(member.phone.language):
        words = text_for(code)
    text = outbox.Text(
        words=words, key=keys.pin_removal(pin.id, now), kind=MessageKind.HELP_NEWS, expires_at=now + DAY,
        caused=caused,
    )  # fmt: skip
    outbox.send_text(session, member.phone_id, text, now)
