"""Joining a group, directly or with a leader's approval. Leaders see a newcomer's chosen name, never the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.database import insert_new
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.flows import sms
from smsgate.flows.actions.results import GroupSeen
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.groups.groups import join
from smsgate.groups.wording import speaking_for
from smsgate.models import Group, JoinRequest, Member, Membership, MessageKind, lookup
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, messages
from smsgate.outbox.superseding import MEMBERSHIP, take_back_news

KEPT = timedelta(days=14)  # how long a request waits
LONGEST_WELCOME = 100
DECISIONS = {words.__name__: words for words in (sms.let_in, sms.not_let_in, sms.closed_before, sms.not_answered)}
DECISION = "decision"  # in what a decision is `about`: which it is
SHOWN_MOST = 50


class JoinResult(StrEnum):
    """The outcome of asking to join; GONE: the group is closed. Saved sessions hold these values: don't change them."""

    IN = "in"
    ASKED = "asked"
    GONE = ""


class OpenRequest(NamedTuple):
    """A join request waiting for a decision; `name` is the one the member chose, "" for none."""

    id: int
    name: str
    asked_at: datetime


def join_or_ask(session: Session, member: Member, group_id: int, now: datetime) -> JoinResult:
    """Join a group, or ask to if it approves newcomers. Doing it twice changes nothing."""
    group = session.get(Group, group_id)
    if group is None or group.closed_at is not None:
        return JoinResult.GONE
    if group.by_approval and lookup.find_membership(session, member.id, group_id) is None:
        row = {"member_id": member.id, "group_id": group_id, "asked_at": now}
        session.execute(insert_new(session, JoinRequest).values(row))
        return JoinResult.ASKED
    _delete_request(session, member.id, group_id)
    join(session, member, group_id, now)
    return JoinResult.IN


def open_requests(session: Session, group_id: int, now: datetime) -> list[OpenRequest]:
    """Return the waiting requests to join a group, oldest first; at most SHOWN_MOST."""
    rows = (
        select(JoinRequest.id, Member.name, JoinRequest.asked_at)
        .join(Member, Member.id == JoinRequest.member_id)
        .where(JoinRequest.group_id == group_id, JoinRequest.asked_at > now - KEPT)
        .order_by(JoinRequest.asked_at, JoinRequest.id)
    )
    return [OpenRequest(number, name or "", at) for number, name, at in session.execute(rows.limit(SHOWN_MOST))]


def count_open_requests(session: Session, group_id: int, now: datetime) -> int:
    """Return how many requests to join a group are waiting."""
    here = (JoinRequest.group_id == group_id, JoinRequest.asked_at > now - KEPT)
    return session.scalar(select(func.count()).select_from(JoinRequest).where(*here)) or 0


def has_requested(session: Session, member: Member, group_id: int) -> bool:
    """Return whether the member has an open request to join this group; `groups.leave` withdraws it."""
    own_request = (JoinRequest.member_id == member.id, JoinRequest.group_id == group_id)
    return session.scalars(select(JoinRequest.id).where(*own_request)).first() is not None


def group_results(session: Session, groups: list[Group], member: Member | None) -> list[GroupSeen]:
    """Return groups in the shape that flows show: `standing` is "in" or "asked" for the member, or ""."""
    asked = select(JoinRequest.group_id).where(JoinRequest.member_id == (member.id if member else 0))
    joined = select(Membership.group_id).where(Membership.member_id == (member.id if member else 0))
    standing = dict.fromkeys(session.scalars(asked), "asked") | dict.fromkeys(session.scalars(joined), "in")
    return [
        {"id": one.id, "name": one.name, "by_approval": one.by_approval, "standing": standing.get(one.id, "")}
        for one in groups
    ]


def decide(
    session: Session, group: Group, request_id: int, yes: bool, now: datetime, code: str, *, by: int | None
) -> bool:
    """Admit or decline someone who asked to join, tell them kindly, and log it; `by` is a phone id.

    Returns False if the request is gone (decided, withdrawn or expired) or the group is closed.
    """
    this_request = (JoinRequest.id == request_id, JoinRequest.group_id == group.id, JoinRequest.asked_at > now - KEPT)
    answered = delete(JoinRequest).where(*this_request).returning(JoinRequest.member_id)
    member_id = session.scalars(answered).first()
    member = session.get(Member, member_id) if member_id else None
    if member is None or group.closed_at is not None:
        return False
    if yes:
        _admit(session, group, member, now)
    _send_decision(session, group, member, request_id, sms.let_in if yes else sms.not_let_in, now, code)
    audit_log.record(session, group.id, by, AuditEvent.LET_IN if yes else AuditEvent.NOT_LET_IN, now)
    return True


def _admit(session: Session, group: Group, member: Member, now: datetime) -> None:
    """Add the member who asked to the group; they read the welcome when they next dial."""
    join(session, member, group.id, now)
    membership = lookup.find_membership(session, member.id, group.id)
    if membership is not None:
        membership.welcomed = False


def admit_all(session: Session, group: Group, now: datetime, code: str, *, by: int | None) -> None:
    """Admit everybody whose request is waiting, as the group no longer approves newcomers."""
    while waiting := open_requests(session, group.id, now):
        for request in waiting:
            decide(session, group, request.id, True, now, code, by=by)


def tell_of_closing(session: Session, group: Group, now: datetime, code: str) -> None:
    """Tell everybody whose request is waiting that the group has closed, and delete their requests."""
    for request in session.scalars(select(JoinRequest).where(JoinRequest.group_id == group.id)).all():
        _tell_and_delete(session, request, sms.closed_before, now, code)


def _tell_and_delete(
    session: Session, request: JoinRequest, words_for: Callable[[str, str], str], now: datetime, code: str
) -> None:
    group, member = session.get_one(Group, request.group_id), session.get_one(Member, request.member_id)
    _send_decision(session, group, member, request.id, words_for, now, code)
    session.delete(request)


def _send_decision(
    session: Session, group: Group, member: Member, request_id: int, words_for: Callable[[str, str], str],
    now: datetime, code: str,
) -> None:  # fmt: skip
    text = outbox.Text(
        words=_words(group, member, words_for, code),
        key=keys.join_decision(request_id),
        kind=MessageKind.ALERT,
        expires_at=now + timedelta(days=2),
        group_id=group.id,
        about={MEMBERSHIP: False, DECISION: words_for.__name__},
    )
    take_back_news(session, group.id, {MEMBERSHIP}, now, phone_id=member.phone_id)
    outbox.send_text(session, member.phone_id, text, now)


def _words(group: Group, member: Member, words_for: Callable[[str, str], str], code: str) -> str:
    with speaking_for(group, member.phone.language):
        return words_for("" if member.discreet else group.name, code)


def write_anew(session: Session, code: str, *which: ColumnElement[bool]) -> None:
    """Rewrite those of these texts that are waiting decisions, by the group's name and each member's wish now.

    Who has been let in, or not answered, by a group that has closed since is told that it has closed. Whose request
    ended with a group that is open again is told that they may ask again.
    """
    for message in messages.waiting(session, MessageKind.ALERT, *which):
        words_for = DECISIONS.get((message.about or {}).get(DECISION, ""))
        group, member = session.get(Group, message.group_id), lookup.find_member(session, message.phone_id)
        if words_for and group and member:
            if group.closed_at is not None and words_for is not sms.not_let_in:
                words_for = sms.closed_before
            elif group.closed_at is None and words_for is sms.closed_before:
                words_for = sms.not_answered
            messages.rewrite(message, _words(group, member, words_for, code))


def end_old_requests(session: Session, now: datetime, code: str) -> None:
    """Delete requests that nobody decided in time, and tell those who asked that they may ask again."""
    old = select(JoinRequest.id).where(JoinRequest.asked_at <= now - KEPT)

    def end(ids: Sequence[int]) -> None:
        for request in session.scalars(select(JoinRequest).where(JoinRequest.id.in_(ids))).all():
            _tell_and_delete(session, request, sms.not_answered, now, code)

    work_on_each(session, "requests to join", session.scalars(old).all(), end, now)


def _delete_request(session: Session, member_id: int, group_id: int) -> None:
    session.execute(delete(JoinRequest).where(JoinRequest.member_id == member_id, JoinRequest.group_id == group_id))


def languages_of(group: Group) -> list[str]:
    """Return the codes of the languages that a group speaks; all languages if it chose none."""
    return [code for code in LANGUAGES if not group.languages or code in group.languages.split()]


def set_languages(group: Group, wanted: list[str]) -> None:
    """Set a group's languages; none or all mean all, including those of later releases. Raise Invalid if unknown."""
    if not set(wanted) <= set(LANGUAGES):
        raise Invalid(_("The languages are {languages}.").format(languages=", ".join(LANGUAGES)))
    group.languages = "" if set(wanted) in (set(), set(LANGUAGES)) else " ".join(c for c in LANGUAGES if c in wanted)


def set_welcome(group: Group, language: str, words: str) -> None:
    """Set the welcome for new members in a language; "" for none. Raise Invalid if it is not allowed."""
    words = checked_welcome(words)
    if language not in LANGUAGES:
        raise Invalid(_("The languages are {languages}.").format(languages=", ".join(LANGUAGES)))
    others = {code: other for code, other in (group.welcome or {}).items() if code != language}
    group.welcome = ({**others, language: words} if words else others) or None


def checked_welcome(words: str) -> str:
    """Return a welcome on one line, in the SMS alphabet; raise Invalid if it is too long or has other characters."""
    words = gsm7.transliterate(" ".join(words.split()))
    if len(words) > LONGEST_WELCOME:
        raise Invalid(_("A welcome can have at most {most} characters.").format(most=LONGEST_WELCOME))
    if odd := gsm7.expensive_chars(words):
        raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    return words


def unread_welcome(session: Session, member: Member, group_id: int) -> str | None:
    """Return the welcome if the member was admitted and has not read it yet; otherwise None."""
    membership = lookup.find_membership(session, member.id, group_id)
    return welcome_text(session, member, group_id) if membership is not None and not membership.welcomed else None


def mark_welcomed(session: Session, member: Member, group_id: int) -> None:
    """Record that an admitted member has read the welcome."""
    membership = lookup.find_membership(session, member.id, group_id)
    if membership is not None:
        membership.welcomed = True


def greet_at_next_dial(session: Session, member: Member, group_id: int) -> None:
    """Record that someone joined by SMS: they get the welcome and the group's newcomer survey when they next dial."""
    membership = lookup.find_membership(session, member.id, group_id)
    if membership is not None:
        membership.welcomed = False


def welcome_text(session: Session, member: Member, group_id: int) -> str:
    """Return the group's welcome in the member's language, else in English, else in any other; "" if there is none."""
    group = session.get(Group, group_id)
    welcome = (group.welcome if group else None) or {}
    language = member.phone.language or SOURCE
    return welcome.get(language) or welcome.get(SOURCE) or next(iter(welcome.values()), "")
