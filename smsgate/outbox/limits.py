"""How many texts people can cause: one table of limits per hour and day, counted in SMS as billed.

Limits apply to the number that causes a text, the number that gets it, that one's block of numbers, the group, and the
whole service. Uses are stored under keyed tags (`LimitUse`), so that erasing oneself and joining again resets nothing.
Help texts to people who agreed are counted but never barred; past a person's usual number they wait with other texts.

A text over its limits is not queued: `send_text` returns None. Code that has to say so asks `has_room` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from smsgate.core.database import lock_text
from smsgate.core.encryption import keys_of
from smsgate.models import LimitUse, Member, Phone

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT = timedelta(days=2)
BLOCK_DIGITS = 4  # the last digits, in which the numbers of a block differ: 10,000 numbers
NEARLY = 200  # SMS left of what many share: more than all requests of one moment can cause
SERVICE_AN_HOUR = 2000  # for the whole service, unless SMSGATE_STRANGERS says otherwise


class Cause(StrEnum):
    """What someone did that costs a text, or is limited like one."""

    REPLY = "reply"  # texted or rang: the answer goes to themselves
    CONFIRMATION = "confirmation"  # STOP and START
    FAREWELL = "farewell"  # the text that says there are no more answers for now
    INVITATION = "invitation"  # chose a responder, who is asked, and reminded once
    PRACTICE = "practice"  # practised, or answered a practice
    NEWS = "news"  # a responder took an answer back, or gave it again
    ACCOUNT = "account"  # about a PIN: to themselves and to their responders
    SIGN_IN = "sign_in"  # a code for the console, asked for in some browser
    SIGN_IN_KNOWN = "sign_in_known"  # the same in a browser in which its holder was signed in before
    GROUP_INVITATION = "joining"  # a leader invited a number
    LEADERS = "leaders"  # wrote to another leader
    HELP = "help"  # a help text to someone who agreed: counted, never barred
    CARRIED = "carried"  # wrote to the other of a match through the service, or proposed a time
    GUESS = "guess"  # typed a code that does not exist; causes no text


class Scope(StrEnum):
    """What a limit applies to."""

    NUMBER = "causer"
    TARGET = "target"
    BLOCK = "block"
    GROUP = "group_id"
    SERVICE = "service"


@dataclass(frozen=True)
class Limit:
    """The most in an hour and in a day."""

    hour: int
    day: int


# In SMS, for all that one number causes, by whatever act; the last one is reserved for the farewell.
OF_ONE_NUMBER = Limit(36, 40)
LIMITS: Mapping[Cause, Mapping[Scope, Limit]] = {
    Cause.REPLY: {Scope.NUMBER: Limit(26, 32), Scope.BLOCK: Limit(500, 2500)},
    Cause.CONFIRMATION: {Scope.NUMBER: Limit(4, 6), Scope.BLOCK: Limit(500, 2500)},
    Cause.FAREWELL: {Scope.NUMBER: Limit(1, 1), Scope.BLOCK: Limit(500, 2500)},
    Cause.INVITATION: {Scope.NUMBER: Limit(6, 6), Scope.TARGET: Limit(3, 3), Scope.BLOCK: Limit(60, 200)},
    Cause.PRACTICE: {Scope.NUMBER: Limit(18, 24)},
    Cause.NEWS: {Scope.NUMBER: Limit(12, 18)},
    Cause.ACCOUNT: {Scope.NUMBER: Limit(5, 8)},
    Cause.SIGN_IN: {Scope.TARGET: Limit(3, 6)},
    Cause.SIGN_IN_KNOWN: {Scope.TARGET: Limit(4, 12)},
    Cause.GROUP_INVITATION: {Scope.GROUP: Limit(500, 500), Scope.BLOCK: Limit(1500, 3000)},
    Cause.CARRIED: {Scope.NUMBER: Limit(10, 30), Scope.TARGET: Limit(15, 45)},
    Cause.LEADERS: {Scope.NUMBER: Limit(6, 12), Scope.TARGET: Limit(6, 12)},
    Cause.HELP: {},
    Cause.GUESS: {Scope.NUMBER: Limit(10, 60)},
}
IN_ALL = frozenset(
    {
        Cause.REPLY, Cause.CONFIRMATION, Cause.FAREWELL, Cause.INVITATION, Cause.PRACTICE, Cause.NEWS, Cause.ACCOUNT,
        Cause.LEADERS,
    }
)  # fmt: skip # together OF_ONE_NUMBER
# Together limited to what the service spends on strangers.
WIDELY = IN_ALL | {Cause.SIGN_IN, Cause.SIGN_IN_KNOWN, Cause.GROUP_INVITATION}
USUAL_HELP = 60  # SMS of help texts a day: ten long ones to three people


@dataclass(frozen=True)
class Caused:
    """Who caused a text: an E.164 number, "" if unknown; for an invitation to a group, the group."""

    cause: Cause
    number: str = ""
    group_id: int | None = None


def _sums(name: str, *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a Select
    """Return a SELECT of what was used in the last day and hour, by cause."""
    lately = case((LimitUse.at > bindparam("hour"), LimitUse.amount), else_=0)
    sums = select(literal(name).label("scope"), LimitUse.cause, func.sum(LimitUse.amount), func.sum(lately))
    lately_used: Any = sums.where(LimitUse.at > bindparam("day"), *conditions).group_by(LimitUse.cause)
    return lately_used


def _of(column: InstrumentedAttribute[Any], scope: Scope) -> Any:  # noqa: ANN401 - a Select
    return _sums(scope.value, column == bindparam(f"its_{scope.value}"))


# Built once: building a statement costs more than running it.
_USED: Mapping[Scope, Select[Any]] = {
    Scope.NUMBER: _of(LimitUse.causer, Scope.NUMBER),
    Scope.TARGET: _of(LimitUse.target, Scope.TARGET),
    Scope.BLOCK: _of(LimitUse.block, Scope.BLOCK),
    Scope.GROUP: _of(LimitUse.group_id, Scope.GROUP),
    Scope.SERVICE: _sums(Scope.SERVICE.value, LimitUse.block.is_not(None)),
}
_USED_IN = {
    scopes: union_all(*(_USED[scope] for scope in scopes))
    for scopes in [
        tuple(scope for scope in Scope if scope in {*limits, *({Scope.SERVICE} if cause in WIDELY else ())})
        for cause, limits in LIMITS.items()
        if limits
    ]
}
_KNOWN = select(Member.id).where(Member.phone_id == bindparam("phone_id"), Member.joined_at <= bindparam("day"))


def has_room(session: Session, caused: Caused, now: datetime, *, target: Phone | None = None, amount: int = 1) -> bool:
    """Return whether there is room for `amount` more SMS of this cause, to `target`."""
    return _room(session, caused, _row(session, caused, now, target, amount)).is_left()


def ask(
    session: Session, caused: Caused, now: datetime, *, target: Phone | None = None, amount: int = 1
) -> LimitUse | None:
    """Return a use of `amount` SMS, or of one guess, to pass to `record`; None if some limit has no room for it.

    Until the transaction ends, others who ask for the same number, or for the same target if that has a limit of its
    own, wait, so that every use is counted. What is shared by many (the service, a group, a block) is only locked once
    it is nearly used up: before that, nobody has to wait for strangers.
    """
    row = _row(session, caused, now, target, amount)
    if row["target"] and Scope.TARGET in LIMITS[caused.cause]:
        lock_text(session, f"limits of target {row['target']}")
    if row["causer"]:
        lock_text(session, f"limits {row['causer']}")
    room = _room(session, caused, row)
    if room.is_left() and (shared := room.nearly_used_up()):
        for scope in shared:
            lock_text(session, f"limits of {scope} {row.get(scope)}")
        room = _room(session, caused, row)
    return LimitUse(**row) if room.is_left() else None


def record(session: Session, use: LimitUse) -> None:
    """Record the use."""
    session.add(use)
    session.info.setdefault("caused", set()).add(use.cause)


def take(session: Session, caused: Caused, now: datetime) -> bool:
    """Use one SMS or guess of the limits; False, with nothing used, if one of them has no room."""
    use = ask(session, caused, now)
    if use:
        record(session, use)
    return use is not None


def caused_in(session: Session, cause: Cause) -> bool:
    """Return whether a text of this cause was queued in this session."""
    return cause in session.info.get("caused", ())


def is_usual(session: Session, caused: Caused, now: datetime) -> bool:
    """Return whether someone's help texts of the last day are within what a day may need."""
    row = _row(session, caused, now, None, 0)
    used = session.execute(_USED[Scope.NUMBER], {"its_causer": row["causer"], "hour": now - HOUR, "day": now - DAY})
    today = sum(int(day) for _scope, cause, day, _hour in used if cause == caused.cause)
    return today < USUAL_HELP


def used_by_strangers(session: Session, now: datetime) -> int:
    """Return how many SMS of the last hour were spent on strangers: people known to the service for less than a day."""
    lately = (LimitUse.block.is_not(None), LimitUse.at > now - HOUR)
    used: int | None = session.scalar(select(func.sum(LimitUse.amount)).where(*lately))
    return used or 0


def forget_old_uses(session: Session, now: datetime) -> None:
    """Delete uses that no limit counts any more."""
    session.execute(delete(LimitUse).where(LimitUse.at < now - KEPT))


def service_limit(session: Session) -> Limit:
    """Return the limit of the whole service, as the operator set it."""
    hour = session.info.get("strangers", SERVICE_AN_HOUR)
    return Limit(hour, 10 * hour)


Used = Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class _Room:
    """The limits that `amount` more SMS of a cause have to keep, and what was used of them."""

    cause: Cause
    amount: int
    limits: Mapping[Scope, Limit]
    used: Used

    def is_left(self) -> bool:
        """Return whether there is room for the amount within every limit."""
        if not self.limits:
            return True
        kept = 0 if self.cause is Cause.FAREWELL else 1
        total = Limit(OF_ONE_NUMBER.hour - kept, OF_ONE_NUMBER.day - kept)
        in_all = self.cause not in IN_ALL or _fits(self.used, Scope.NUMBER, IN_ALL, total, self.amount)
        return in_all and all(self._fits(scope, self.amount) for scope in self.limits)

    def nearly_used_up(self) -> list[Scope]:
        """Return what many share and has little left, in the order in which everybody locks it."""
        shared = (Scope.SERVICE, Scope.GROUP, Scope.BLOCK)
        return [scope for scope in shared if scope in self.limits and not self._fits(scope, NEARLY)]

    def _fits(self, scope: Scope, amount: int) -> bool:
        causes = WIDELY if scope is Scope.SERVICE else {self.cause}
        return _fits(self.used, scope, causes, self.limits[scope], amount)


def _room(session: Session, caused: Caused, row: Mapping[str, Any]) -> _Room:
    limits = dict(LIMITS[caused.cause])
    if limits and caused.cause in WIDELY:
        limits[Scope.SERVICE] = service_limit(session)
        if caused.cause is Cause.GROUP_INVITATION:
            limits[Scope.SERVICE] = _but_a_quarter(limits[Scope.SERVICE])
    if row["block"] is None:  # to someone known: these don't apply
        limits.pop(Scope.BLOCK, None)
        limits.pop(Scope.SERVICE, None)
    scopes = tuple(scope for scope in Scope if scope in limits)
    return _Room(caused.cause, row["amount"], limits, _used(session, row, scopes) if scopes else {})


def _but_a_quarter(limit: Limit) -> Limit:
    """Return what invitations of groups may use, so that those whom they invite still get answers."""
    return Limit(limit.hour * 3 // 4, limit.day * 3 // 4)


def _used(session: Session, row: Mapping[str, Any], scopes: tuple[Scope, ...]) -> Used:
    statement = _USED_IN.get(scopes)
    if statement is None:
        statement = union_all(*(_USED[scope] for scope in scopes))
    session.flush()
    values = {f"its_{scope.value}": row[scope.value] for scope in scopes if scope is not Scope.SERVICE}
    found = session.execute(statement, {**values, "hour": row["at"] - HOUR, "day": row["at"] - DAY})
    return {(scope, cause): (hour, day) for scope, cause, day, hour in found}


def _fits(used: Used, scope: Scope, causes: Iterable[str], limit: Limit, amount: int) -> bool:
    sums = [used.get((scope.value, cause), (0, 0)) for cause in causes]
    hour, day = sum(hour for hour, _day in sums), sum(day for _hour, day in sums)
    return hour + amount <= limit.hour and day + amount <= limit.day


def _row(session: Session, caused: Caused, now: datetime, target: Phone | None, amount: int) -> dict[str, Any]:
    def tag(text: str) -> str:
        return keys_of(session.get_bind().dialect).tag(f"limits {text}")

    row = {"cause": caused.cause.value, "amount": amount, "at": now, "group_id": caused.group_id}
    row |= {"causer": tag(caused.number) if caused.number else None, "target": None, "block": None}
    if target is not None:
        row["target"] = tag(target.number)
        if caused.cause in WIDELY and not _is_known(session, target, now):
            row["block"] = tag(target.number[:-BLOCK_DIGITS])
    return row


def _is_known(session: Session, phone: Phone, now: datetime) -> bool:
    """Return whether the holder has been a member for a day: many of them answering a reminder at once is no abuse."""
    return session.scalar(_KNOWN, {"phone_id": phone.id, "day": now - DAY}) is not None
