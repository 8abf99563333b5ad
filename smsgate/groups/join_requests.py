"""Joining a group: at once, or after who leads it said yes. Who waits is seen by a chosen name, never by a number."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import gsm7
from smsgate.core.database import insert_new
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.flows import sms
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.groups.groups import join
from smsgate.groups.wording import speaking_for
from smsgate.models import Group, JoinRequest, Member, MessageKind, lookup

KEPT = timedelta(days=14)  # a request that nobody answered
LONGEST_WELCOME = 100
SHOWN_MOST = 50


class JoinResult(StrEnum):
    """What became of the wish to join; empty: the group is gone. Words that a run remembers, so they stay."""

    IN = "in"
    ASKED = "asked"
    GONE = ""


class OpenRequest(NamedTuple):
    """Somebody who asked; `name` as they chose it, "" for none."""

    id: int
    name: str
    asked_at: datetime


def join_or_ask(session: Session, member: Member, group_id: int, now: datetime) -> JoinResult:
    """Be in the group, or wait for a yes where the group wants it so. Twice changes nothing."""
    group = session.get(Group, group_id)
    if group is None or group.closed_at is not None:
        return JoinResult.GONE
    if group.by_approval and lookup.find_membership(session, member.id, group_id) is None:
        row = {"member_id": member.id, "group_id": group_id, "asked_at": now}
        session.execute(insert_new(session, JoinRequest).values(row))
        return JoinResult.ASKED
    _forget(session, member.id, group_id)
    join(session, member, group_id, now)
    return JoinResult.IN


def open_requests(session: Session, group_id: int, now: datetime) -> list[OpenRequest]:
    """Who asked to join and waits, the longest first."""
    rows = (
        select(JoinRequest.id, Member.name, JoinRequest.asked_at)
        .join(Member, Member.id == JoinRequest.member_id)
        .where(JoinRequest.group_id == group_id, JoinRequest.asked_at > now - KEPT)
        .order_by(JoinRequest.asked_at, JoinRequest.id)
    )
    return [OpenRequest(number, name or "", at) for number, name, at in session.execute(rows.limit(SHOWN_MOST))]


def count_open_requests(session: Session, group_id: int, now: datetime) -> int:
    """How many wait."""
    here = (JoinRequest.group_id == group_id, JoinRequest.asked_at > now - KEPT)
    return session.scalar(select(func.count()).select_from(JoinRequest).where(*here)) or 0


def has_requested(session: Session, member: Member, group_id: int) -> bool:
    """Whether the member waits for an answer; leaving the group takes it back."""
    mine = (JoinRequest.member_id == member.id, JoinRequest.group_id == group_id)
    return session.scalars(select(JoinRequest.id).where(*mine)).first() is not None


def decide(
    session: Session, group: Group, request_id: int, yes: bool, now: datetime, code: str, *, by: int | None
) -> bool:
    """Let somebody in, or not; they are told, kindly. False where the request is gone: answered, or taken back."""
    mine = (JoinRequest.id == request_id, JoinRequest.group_id == group.id, JoinRequest.asked_at > now - KEPT)
    gone = delete(JoinRequest).where(*mine).returning(JoinRequest.member_id)
    member_id = session.scalars(gone).first()
    member = session.get(Member, member_id) if member_id else None
    if member is None or group.closed_at is not None:
        return False
    if yes:
        join(session, member, group.id, now)
    _tell(session, group, member, request_id, yes, now, code)
    audit_log.record(session, group.id, by, AuditEvent.LET_IN if yes else AuditEvent.NOT_LET_IN, now)
    return True


def _tell(session: Session, group: Group, member: Member, request_id: int, yes: bool, now: datetime, code: str) -> None:
    named = "" if member.discreet else group.name
    with speaking_for(group, member.phone.language):
        words = sms.let_in(named, code) if yes else sms.not_let_in(named, code)
    text = outbox.Text(
        words=words,
        key=f"joining:{request_id}",
        kind=MessageKind.ALERT,
        expires_at=now + timedelta(days=2),
        group_id=group.id,
    )
    outbox.send_text(session, member.phone_id, text, now)


def forget_old_requests(session: Session, now: datetime) -> None:
    """Requests that nobody answered; whoever wants to may ask again."""
    session.execute(delete(JoinRequest).where(JoinRequest.asked_at <= now - KEPT))


def _forget(session: Session, member_id: int, group_id: int) -> None:
    session.execute(delete(JoinRequest).where(JoinRequest.member_id == member_id, JoinRequest.group_id == group_id))


def languages_of(group: Group) -> list[str]:
    """The languages that a group speaks; all where it named none."""
    return [code for code in LANGUAGES if not group.languages or code in group.languages.split()]


def set_languages(group: Group, wanted: list[str]) -> None:
    """The group speaks these; none or all of them is all, those that come with another release too. Raises Invalid."""
    if not set(wanted) <= set(LANGUAGES):
        raise Invalid(f"The languages are {', '.join(LANGUAGES)}.")
    group.languages = "" if set(wanted) in (set(), set(LANGUAGES)) else " ".join(c for c in LANGUAGES if c in wanted)


def set_welcome(group: Group, language: str, words: str) -> None:
    """What is said to who has joined, in a language; empty: nothing. Raises Invalid."""
    words = checked_welcome(words)
    if language not in LANGUAGES:
        raise Invalid(f"The languages are {', '.join(LANGUAGES)}.")
    others = {code: said for code, said in (group.welcome or {}).items() if code != language}
    group.welcome = ({**others, language: words} if words else others) or None


def checked_welcome(words: str) -> str:
    """A welcome as it is kept; raises Invalid."""
    words = gsm7.transliterate(" ".join(words.split()))
    if len(words) > LONGEST_WELCOME:
        raise Invalid(f"A welcome has at most {LONGEST_WELCOME} characters.")
    if odd := gsm7.non_gsm_chars(words):
        raise Invalid(f"Many phones cannot show {' '.join(odd)}.")
    return words


def welcome_text(session: Session, member: Member, group_id: int) -> str:
    """The group's welcome in the member's language, else in another that there is; "" for none."""
    group = session.get(Group, group_id)
    said = (group.welcome if group else None) or {}
    mine = member.phone.language or SOURCE
    return said.get(mine) or said.get(SOURCE) or next(iter(said.values()), "")
