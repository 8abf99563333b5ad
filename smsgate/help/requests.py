"""Help requests: raising one, and asking responders.

A text about a person is sent by that person's own act only, to people who agreed. `request_states.py` has the states,
`answers.py` what responders say, `endings.py` how a request ends, `escalation.py` what follows when nobody answers,
`undelivered.py` what could not be sent, `status.py` what the member sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.groups.wording import speaking_of
from smsgate.help import answer_keys, backup_leader, endings, plans, request_states
from smsgate.help.names import language_for, member_name
from smsgate.help.news import send_to_responder
from smsgate.help.request_states import COPY, HelpCase, may_be_read
from smsgate.help.state_tables import PersonState
from smsgate.models import (
    HelpRecipient,
    HelpRequest,
    Lane,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Responder,
    ResponderStatus,
)
from smsgate.outbox import keys, limits
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.limits import Cause, Caused

HOUR = timedelta(hours=1)
OFTEN = 3  # requests in an hour: from this many we ask first; we never refuse
SAME_ACT = timedelta(minutes=1)  # an SMS and a USSD key press this close together are one act, not two
NEXT = "next"  # a step of `HelpRequest.then`: one responder after the other


@dataclass(frozen=True)
class HelpOptions:
    """How to send a request: one text for all (0: each responder's own), as a practice, with a least pause in seconds.

    `again`: the member has seen that one is open, and sends it once more.
    """

    text_id: int = 0
    practice: bool = False
    pause: int = 0
    again: bool = False


@dataclass(frozen=True)
class SendResult:
    """How many people the text is queued for, and in how many seconds it will be sent."""

    people: int
    seconds: int = 0
    spent: bool = False  # no practices left today
    later: bool = False  # nobody can be asked now, so the escalation begins at once


def count_recent_requests(session: Session, member: Member, now: datetime) -> int:
    """Return how many requests the member raised in the last hour.

    Practices and requests taken back in time do not count.
    """
    lately = (HelpRequest.member_id == member.id, HelpRequest.raised_at > now - HOUR, ~HelpRequest.practice)
    taken_back = HelpRequest.closed_at < HelpRequest.leaves_at
    sent = or_(HelpRequest.closed_at.is_(None), HelpRequest.leaves_at.is_(None), ~taken_back)
    return session.scalar(select(func.count()).select_from(HelpRequest).where(*lately, sent)) or 0


def has_acted_since(session: Session, member: Member, moment: datetime, ended_since: datetime) -> bool:
    """Return whether the member has sent a help text since `moment`, or ended one since `ended_since`.

    They end one by taking it back, or by saying that they are fine.
    """
    later = or_(HelpRequest.raised_at > moment, HelpRequest.closed_at > ended_since)
    rows = select(HelpRequest).where(HelpRequest.member_id == member.id, ~HelpRequest.practice, later)
    return any(one.raised_at > moment or not endings.ended_by_itself(one) for one in session.scalars(rows))


def open_request(session: Session, member: Member, *, practice: bool = False) -> HelpRequest | None:
    """Return the member's newest open help request, or open practice; None if there is none."""
    mine = (HelpRequest.member_id == member.id, HelpRequest.closed_at.is_(None), HelpRequest.practice.is_(practice))
    return session.scalars(select(HelpRequest).where(*mine).order_by(HelpRequest.id.desc())).first()


def reachable(session: Session, member: Member, now: datetime) -> list[Responder]:
    """Return responders who agreed and can be texted now, in order; not the backup leader (`backup_leader.askable`)."""
    rows = select(Responder).where(
        Responder.member_id == member.id,
        Responder.agreed == ResponderStatus.YES,
        ~Responder.backup,
        or_(Responder.muted_until.is_(None), Responder.muted_until <= now),
    )
    do_not_contact = plans.do_not_contact_numbers(session, member)
    agreed = session.scalars(rows.order_by(Responder.position, Responder.id))
    allowed = [responder for responder in agreed if responder.phone.number not in do_not_contact]
    return [responder for responder in allowed if is_reached_by(responder.phone, MessageKind.HELP)]


def raise_help(session: Session, member: Member, now: datetime, options: HelpOptions | None = None) -> SendResult:
    """Send the help text to all or to the first, as the member chose; the request and its messages commit together.

    An open request is sent again: its earlier copies still count. Asking by SMS and USSD at once makes one request.
    """
    options = options or HelpOptions()
    if not request_states.locked_members(session, [member.id]):
        return SendResult(0)  # erased a moment ago
    earlier = request_states.locked(session, member.id, practice=options.practice)
    if earlier and not options.again and _is_same_act(earlier, now):
        return _as_sent(earlier, now)
    if options.practice and open_request(session, member):
        return SendResult(0)
    people = reachable(session, member, now)
    plan = plans.plan_of(session, member)
    then = "" if options.practice else plan.then
    if NEXT in then.split():
        people = people[:1]
    if not people and not (then and backup_leader.askable(session, member, now)):
        return SendResult(0)
    if options.practice and not _may_practise(session, member, people, options, now):
        return SendResult(0, spent=True)
    if earlier:
        endings.replace(session, earlier, now)
    if not options.practice:
        endings.end_practice(session, member, now)
    seconds = max(plan.pause_seconds, options.pause)
    send_at = now + timedelta(seconds=seconds)
    request = HelpRequest(
        member_id=member.id, raised_at=now, leaves_at=send_at if seconds else None, practice=options.practice,
        help_text_id=options.text_id or None, then=then, wait_minutes=plan.wait_minutes,
        next_at=send_at + (timedelta(minutes=plan.wait_minutes) if people else timedelta()) if then else None,
    )  # fmt: skip
    session.add(request)
    session.flush()
    recipients = ask_responders(session, request, people, now, send_at)
    queued = sum(recipient.message_id is not None for recipient in recipients)
    return SendResult(queued, seconds, later=not people)


def _may_practise(
    session: Session, member: Member, people: Sequence[Responder], options: HelpOptions, now: datetime
) -> bool:
    """Return whether today's limit leaves room for a practice to all these people."""
    texts = [_words_for(session, responder, options.text_id, 1) for responder in people]
    amount = outbox.count_sms(map(sms.practice, texts))
    return limits.has_room(session, Caused(Cause.PRACTICE, member.phone.number), now, amount=amount)


def _is_same_act(case: HelpCase, now: datetime) -> bool:
    """Return whether this was sent a moment ago, and did not fail."""
    return case.newest.raised_at > now - SAME_ACT and not case.has_failed


def _as_sent(case: HelpCase, now: datetime) -> SendResult:
    """Return the result of a request that the member sent a moment ago."""
    asked = [person for person in case.people if person.state is not PersonState.UNSENT]
    left = (case.newest.leaves_at - now).total_seconds() if case.newest.leaves_at else 0
    return SendResult(len(asked), max(0, round(left)), later=not asked)


def ask_responders(
    session: Session, request: HelpRequest, people: Sequence[Responder], now: datetime, send_at: datetime
) -> list[HelpRecipient]:
    """Queue the help text for responders; each gets digits to answer with that no other open request to them uses."""
    answer_keys.lock(session, [responder.phone_id for responder in people])
    return [_ask_responder(session, request, responder, now, send_at) for responder in people]


def _ask_responder(
    session: Session, request: HelpRequest, responder: Responder, now: datetime, send_at: datetime
) -> HelpRecipient:
    key = answer_keys.key_for(session, request, responder)
    words = _help_text_for(session, request, responder, key)
    caused = _caused(request)
    message_id = send_to_responder(
        session, responder, words, keys.help_text(request.id), now, kind=MessageKind.HELP, due=send_at, caused=caused,
        lane=Lane.URGENT if limits.is_usual(session, caused, now) else Lane.NORMAL,
    )  # fmt: skip
    recipient = HelpRecipient(request_id=request.id, responder_id=responder.id, message_id=message_id, key=key)
    session.add(recipient)
    session.flush()
    return recipient


def _caused(request: HelpRequest) -> Caused:
    return Caused(Cause.PRACTICE if request.practice else Cause.HELP, request.member.phone.number)


def ask_again(session: Session, recipient: HelpRecipient, now: datetime) -> bool:
    """Send a second copy, never a third, unless the first still waits or may have been sent twice.

    Return whether one was queued.
    """
    first = session.get(Message, recipient.message_id, options=[COPY]) if recipient.message_id else None
    in_line = (MessageStatus.WAITING, MessageStatus.SENDING)
    if recipient.again_id is not None or first is None or first.repeats or first.state in in_line:
        return False
    words = _help_text_for(session, recipient.request, recipient.responder, recipient.key)
    key = keys.help_text(recipient.request_id, again=True)
    recipient.again_id = send_to_responder(
        session, recipient.responder, words, key, now, kind=MessageKind.HELP, lane=first.lane,
        caused=_caused(recipient.request),
    )  # fmt: skip
    # If the first may have been received, `repeats` marks this copy as the second, so it isn't repeated in turn.
    if recipient.again_id is not None and may_be_read(first):
        session.get_one(Message, recipient.again_id).repeats = 1
    return recipient.again_id is not None


def _help_text_for(session: Session, request: HelpRequest, responder: Responder, key: int) -> str:
    words = _words_for(session, responder, request.help_text_id, key)
    with speaking_of(request.member, language_for(responder)):
        return sms.practice(words) if request.practice else words


def _words_for(session: Session, responder: Responder, text_id: int | None, key: int) -> str:
    member, chosen_id = responder.member, text_id or responder.help_text_id
    texts = plans.texts_of(session, member)
    chosen = next((text for text in texts if text.id == chosen_id), texts[0] if texts else None)
    with speaking_of(member, language_for(responder)):
        words = plans.text_words(chosen)
        extra_info = sms.along(**plans.extra_info(session, member))
        return sms.help_text(member_name(member), f"{words} {extra_info}".strip(), key)
