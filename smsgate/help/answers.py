"""Responders' answers to a help text (on it, not now, not after all), and responders who leave after it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.help import request_states
from smsgate.help.names import member_name, responder_name
from smsgate.help.news import tell_member, tell_responder
from smsgate.help.request_states import COPY, HelpCase, Person, may_be_read
from smsgate.help.state_tables import ANSWERS, CAN_ANSWER, Answer, PersonState
from smsgate.models import HelpRecipient, HelpRequest, Message, MessageKind, Responder, ResponderStatus
from smsgate.outbox import keys, limits
from smsgate.outbox.limits import Cause, Caused

YES = ResponderStatus.YES
NOBODY_HELPS = "help_free:"  # how keys.help_free begins
REMEMBERED = timedelta(days=7)  # for this long, anyone who answers a help text hears that it is over


def open_recipients(session: Session, phone_id: int) -> list[HelpRecipient]:
    """Return the open help texts that may have been read at this number: real ones, then practices, newest first.

    Unread ones are left out: a late answer to an earlier text must not count for one that nobody has read yet. Of one
    member's copies, only the last is returned.
    """
    open_ = (HelpRequest.closed_at.is_(None), Responder.phone_id == phone_id, Responder.agreed == ResponderStatus.YES)
    rows = select(HelpRequest).join(HelpRecipient).join(Responder).where(*open_).order_by(HelpRequest.id)
    by_case: dict[tuple[bool, int], list[HelpRequest]] = {}
    for request in session.scalars(rows.distinct()):
        by_case.setdefault((request.practice, request.member_id), []).append(request)
    people = [person for requests in by_case.values() for person in request_states.people_of(session, requests)]
    mine = [person.last for person in people if person.responder.phone_id == phone_id and person.may_have_read]
    return sorted(mine, key=lambda recipient: (recipient.request.practice, -recipient.id))


def asks(session: Session, recipient: HelpRecipient) -> ColumnElement[bool]:
    """SQL condition on Message: it asks this responder for an answer to this open help text.

    That is any copy, as it may have been sent again, and news since then that nobody is helping, with the same digits.
    """
    rows = select(HelpRecipient.message_id, HelpRecipient.again_id, HelpRequest.raised_at).join(HelpRequest)
    same = (HelpRecipient.responder_id == recipient.responder_id, HelpRequest.practice == recipient.request.practice)
    found = session.execute(rows.where(*same, HelpRequest.closed_at.is_(None)).order_by(HelpRequest.id)).all()
    copies = [id_ for first, again, _at in found for id_ in (first, again) if id_ is not None]
    to_them = (Message.phone_id == recipient.responder.phone_id, Message.responder_id == recipient.responder_id)
    since = Message.created_at >= (found[0].raised_at if found else recipient.request.raised_at)
    return or_(Message.id.in_(copies), and_(*to_them, says_nobody_helps(), since))


def says_nobody_helps() -> ColumnElement[bool]:
    """SQL condition on Message: it is news that nobody is helping, which asks again with the digits of the text."""
    return Message.key.startswith(NOBODY_HELPS, autoescape=True)


def unanswered(recipients: Iterable[HelpRecipient]) -> list[HelpRecipient]:
    """Return the recipients who have not said that they are on it."""
    return [recipient for recipient in recipients if recipient.answered_at is None]


def acknowledge(session: Session, recipient: HelpRecipient, now: datetime) -> bool:
    """Record that a responder is helping: tell the member and the other responders, and hold the escalation."""
    return _answer(session, recipient.request, recipient.responder_id, Answer.ON_IT, now)


def decline(session: Session, recipient: HelpRecipient, now: datetime) -> bool:
    """Record that a responder cannot help, now or after all: tell the member; take the next step if nobody else can."""
    return _answer(session, recipient.request, recipient.responder_id, Answer.NOT_NOW, now)


def leave(session: Session, chosen: Iterable[Responder], answer: Answer, now: datetime, *, known: bool = False) -> None:
    """Record in open requests that these responders rest or leave: the member sees that they cannot help now.

    Call it before changing or deleting them, so that everybody locks in the same order. `known`: the member is not
    told, as they took the responders off the list themselves.
    """
    responders = {responder.id: responder for responder in chosen}
    open_ = (HelpRequest.closed_at.is_(None), HelpRecipient.responder_id.in_(responders))
    rows = select(HelpRequest).join(HelpRecipient).where(*open_).order_by(HelpRequest.member_id, HelpRequest.practice)
    requests = session.scalars(rows.distinct()).all() if responders else []
    request_states.locked_members(session, [request.member_id for request in requests])
    for responder in responders.values():
        mine = {request.practice: request for request in requests if request.member_id == responder.member_id}
        for request in mine.values():
            _answer(session, request, responder.id, answer, now, known=known)


def _answer(
    session: Session, request: HelpRequest, responder_id: int, answer: Answer, now: datetime, *, known: bool = False
) -> bool:
    """Apply an answer under the lock; return False if it changes nothing."""
    case = request_states.locked(session, request.member_id, practice=request.practice)
    person = case.person(responder_id) if case else None
    if case is None or person is None:
        return False
    if answer is Answer.LEFT and person.may_have_read:
        case.newest.read_by_others = True
    if not person.can(answer):
        return False
    was_on_it = person.state is PersonState.ANSWERED
    if ANSWERS[answer].target is PersonState.ANSWERED:
        if person.last.declined_at is not None and not _may_change_again(session, case, person, now):
            return False
        person.last.answered_at, person.last.declined_at = now, None
        _now_on_it(session, case, person, now)
        return True
    person.last.answered_at, person.last.declined_at = None, now
    if not known:
        words = partial(ANSWERS[answer].to_member, responder_name(person.responder))
        tell_member(session, case.newest, words, keys.help_declined(person.last.id, now), now)
    if was_on_it and not case.is_answered:
        _nobody_on_it_now(session, case, person, now)
    else:
        advance_if_unanswerable(case, now)
    return True


def _may_change_again(session: Session, case: HelpCase, person: Person, now: datetime) -> bool:
    """Return whether someone who took back their answer may say again that they are on it: each change costs texts.

    There is no limit on a first answer, nor on saying that they cannot after all.
    """
    if case.newest.practice:
        return True
    others, who = len(_others(case, person)), member_name(case.member)
    to_member = [sms.answered(responder_name(person.responder)), sms.not_now(responder_name(person.responder))]
    to_others = [sms.somebody_else_too(who), sms.nobody_is_on_it(who)]
    caused = Caused(Cause.NEWS, person.responder.phone.number)
    # Both what they say now and what follows if they take it back once more.
    use = limits.ask(session, caused, now, amount=outbox.count_sms(to_member + others * to_others))
    if use:
        limits.record(session, use)
    return use is not None


def _now_on_it(session: Session, case: HelpCase, person: Person, now: datetime) -> None:
    case.newest.next_at = None  # the remaining steps are kept, in case nobody is on it after all
    name, who, key = responder_name(person.responder), member_name(case.member), keys.help_answered(person.last.id, now)
    tell_member(session, case.newest, partial(ANSWERS[Answer.ON_IT].to_member, name), key, now)
    for other in _others(case, person):
        words = sms.somebody_else_too if other.state is PersonState.ANSWERED else sms.somebody_is_on_it
        tell_responder(session, case.newest, other.responder, partial(words, who), key, now)


def _nobody_on_it_now(session: Session, case: HelpCase, person: Person, now: datetime) -> None:
    """Resume the escalation that the answer had held, and tell those who had been told that someone was on it."""
    if case.newest.then:
        case.newest.next_at = _at_once(case, now)
    who, key = member_name(case.member), keys.help_free(person.last.id, now)
    for other in [one for one in _others(case, person) if one.state in CAN_ANSWER]:
        words = partial(sms.nobody_is_on_it, who, other.last.key)
        tell_responder(session, case.newest, other.responder, words, key, now)


def _others(case: HelpCase, person: Person) -> list[Person]:
    """Return the others whom the help text reached or may still reach, if they agree to such texts."""
    return [one for one in case.people if one is not person and one.agrees and one.state is not PersonState.UNSENT]


def advance_if_unanswerable(case: HelpCase, now: datetime) -> None:
    """Make the next escalation step due if nobody who was asked can still answer."""
    request = case.newest
    if request.next_at is None or not request.then or case.is_answered:
        return
    if not any(person.state in CAN_ANSWER for person in case.people):
        request.next_at = min(_at_once(case, now), request.next_at)


def _at_once(case: HelpCase, now: datetime) -> datetime:
    """Return now, or the end of the pause while the member can still take the request back."""
    return max(now, case.newest.leaves_at or now)


def ended_help(
    session: Session, phone_id: int, key: int | None, now: datetime
) -> tuple[Message, HelpRecipient | None] | None:
    """Return the newest help text that may have been read at this number and is over, and its recipient, if known.

    With `key`, only a text that this digit answers.
    """
    lately = (Message.phone_id == phone_id, Message.kind == MessageKind.HELP, Message.created_at > now - REMEMBERED)
    for message in session.scalars(select(Message).options(COPY).where(*lately).order_by(Message.id.desc())):
        mine = (HelpRecipient.message_id == message.id) | (HelpRecipient.again_id == message.id)
        recipient = session.scalars(select(HelpRecipient).where(mine)).first()
        digits = (recipient.key, recipient.key + 1) if recipient else range(1, 10)
        if may_be_read(message) and not _is_open(recipient) and (key is None or key in digits):
            return message, recipient
    return None


def _is_open(recipient: HelpRecipient | None) -> bool:
    return recipient is not None and recipient.request.closed_at is None and recipient.responder.agreed is YES
