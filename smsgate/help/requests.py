"""Help requests: raising, answering and closing them.

A text about a person is sent by that person's own act only, to people who agreed. `escalation.py` has what follows when
nobody answers, `undelivered.py` what could not be sent, `status.py` what the member sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.groups.wording import speaking_of
from smsgate.help import backup_leader, plans
from smsgate.help.names import language_for, member_name, responder_name
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
from smsgate.outbox.eligibility import is_reached_by

WORTH_SENDING = timedelta(hours=2)
HOUR = timedelta(hours=1)
OFTEN = 3  # requests in an hour, from which we ask first; we never refuse
SENT_STATUSES = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED})
PENDING_STATUSES = frozenset({MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNKNOWN})
NEXT = "next"  # a step of `HelpRequest.then`: one responder after the other


@dataclass(frozen=True)
class HelpOptions:
    """How to send a request: one text for all (0: each responder's own), as a practice, at least this pause (s)."""

    text_id: int = 0
    practice: bool = False
    pause: int = 0


@dataclass(frozen=True)
class SendResult:
    """How many people the text is queued for, and in how many seconds it is sent."""

    people: int
    seconds: int = 0
    later: bool = False  # nobody can be asked now, so the escalation begins at once


def count_recent_requests(session: Session, member: Member, now: datetime) -> int:
    """How many requests the member raised in the last hour, without practices."""
    lately = (HelpRequest.member_id == member.id, HelpRequest.raised_at > now - HOUR, ~HelpRequest.practice)
    return session.scalar(select(func.count()).select_from(HelpRequest).where(*lately)) or 0


def open_request(session: Session, member: Member) -> HelpRequest | None:
    """The member's open help request."""
    rows = select(HelpRequest).where(HelpRequest.member_id == member.id, HelpRequest.closed_at.is_(None))
    return session.scalars(rows.order_by(HelpRequest.id.desc())).first()


def reachable(session: Session, member: Member, now: datetime) -> list[Responder]:
    """Responders who agreed and can be texted now, in order; without the leader as backup (`backup_leader.askable`)."""
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
    """Send the help text, to all or to the first as the member chose; the request and its messages commit together."""
    options = options or HelpOptions()
    plan = plans.plan_of(session, member)
    people = reachable(session, member, now)
    then = "" if options.practice else plan.then
    if NEXT in then.split():
        people = people[:1]
    if not people and not (then and backup_leader.askable(session, member, now)):
        return SendResult(0)
    earlier = open_request(session, member)
    if earlier and options.practice and not earlier.practice:
        return SendResult(0)
    if earlier:
        close_request(earlier, now)
    seconds = max(plan.pause_seconds, options.pause)
    send_at = now + timedelta(seconds=seconds)
    request = HelpRequest(
        member_id=member.id, raised_at=now, leaves_at=send_at if seconds else None, practice=options.practice,
        help_text_id=options.text_id or None, then=then, wait_minutes=plan.wait_minutes,
        next_at=send_at + (timedelta(minutes=plan.wait_minutes) if people else timedelta()) if then else None,
    )  # fmt: skip
    session.add(request)
    session.flush()
    recipients = [ask_responder(session, request, responder, now, send_at) for responder in people]
    queued = sum(recipient.message_id is not None for recipient in recipients)
    return SendResult(queued, seconds, later=not people)


def ask_responder(
    session: Session, request: HelpRequest, responder: Responder, now: datetime, send_at: datetime
) -> HelpRecipient:
    """Queue the help text for one responder; they answer with a digit that no other open request uses for them."""
    key = _free_key(session, responder.phone_id)
    words = _help_text_for(session, request, responder, key)
    message_id = send_to_responder(
        session, responder, words, f"help:{request.id}", now, kind=MessageKind.HELP, due=send_at
    )
    recipient = HelpRecipient(request_id=request.id, responder_id=responder.id, message_id=message_id, key=key)
    session.add(recipient)
    session.flush()
    return recipient


def ask_again(session: Session, recipient: HelpRecipient, now: datetime) -> bool:
    """Send a second copy, never a third: not where the first still waits or may have been sent twice."""
    first = session.get(Message, recipient.message_id) if recipient.message_id else None
    if (
        recipient.again_id is not None
        or first is None
        or first.repeats
        or first.state in (MessageStatus.WAITING, MessageStatus.SENDING)
    ):
        return False
    words = _help_text_for(session, recipient.request, recipient.responder, recipient.key)
    # Where the first may have been received, `repeats` marks this one as the second, so that it is not repeated in
    # turn. One that the network reported as failed may have been received too: such a report may be wrong.
    may_be_read = first.sent_at is not None or first.state is MessageStatus.UNKNOWN
    recipient.again_id = send_to_responder(
        session, recipient.responder, words, f"help:{recipient.request_id}:again", now, kind=MessageKind.HELP
    )
    if recipient.again_id is not None and may_be_read:
        session.get_one(Message, recipient.again_id).repeats = 1
    return recipient.again_id is not None


def _help_text_for(session: Session, request: HelpRequest, responder: Responder, key: int) -> str:
    chosen_id = request.help_text_id or responder.help_text_id
    texts = plans.texts_of(session, request.member)
    chosen = next((text for text in texts if text.id == chosen_id), texts[0] if texts else None)
    with speaking_of(request.member, language_for(responder)):
        words = plans.text_words(chosen)
        extra_info = sms.along(**plans.extra_info(session, request.member))
        full_text = sms.help_text(member_name(request.member), f"{words} {extra_info}".strip(), key)
        return sms.practice(full_text) if request.practice else full_text


def _free_key(session: Session, phone_id: int) -> int:
    taken = {recipient.key for recipient in open_recipients(session, phone_id, left=False)}
    return next(key for key in range(1, 2 * len(taken) + 3, 2) if key not in taken)


def send_to_responder(
    session: Session, responder: Responder, words: str, key: str, now: datetime, *,
    kind: MessageKind = MessageKind.HELP_NEWS, due: datetime | None = None,
) -> int | None:  # fmt: skip
    """Queue a text to a responder in the urgent lane; returns its id, or None if it does not reach them."""
    text = outbox.Text(
        words=words, key=key, kind=kind, lane=Lane.URGENT, due_at=due, expires_at=(due or now) + WORTH_SENDING,
        responder_id=responder.id,
    )  # fmt: skip
    return outbox.send_text(session, responder.phone_id, text, now)


def open_recipients(session: Session, phone_id: int, *, left: bool = True) -> list[HelpRecipient]:
    """The help texts to this number whose requests are open and that it has not answered with yes, newest first.

    With `left` only those that may have been sent: a late answer to an earlier text must not count for one that
    nobody has read yet.
    """
    rows = (
        select(HelpRecipient)
        .join(Responder)
        .join(HelpRequest)
        .join(Message, or_(Message.id == HelpRecipient.message_id, Message.id == HelpRecipient.again_id))
        .where(
            Responder.phone_id == phone_id,
            Responder.agreed == ResponderStatus.YES,
            HelpRequest.closed_at.is_(None),
            HelpRecipient.answered_at.is_(None),
            _perhaps_read() if left else true(),
        )
    )
    return list(dict.fromkeys(session.scalars(rows.order_by(HelpRecipient.id.desc()))))  # once, if sent twice


def _perhaps_read() -> ColumnElement[bool]:
    """Condition on Message: a gateway may have got it, so it may have been read: a failure report may be wrong."""
    in_the_air = Message.state.in_((MessageStatus.SENDING, MessageStatus.UNKNOWN))
    return or_(Message.sent_at.is_not(None), in_the_air, Message.repeats > 0)


def acknowledge(session: Session, recipient: HelpRecipient, now: datetime) -> None:
    """Record that a responder is on it: tell the member and the other responders once, and stop the escalation."""
    request = locked(session, recipient.request_id)
    if recipient.answered_at is not None or request.closed_at is not None:
        return
    recipient.answered_at, recipient.declined_at = now, None
    request.then, request.next_at = "", None
    responder, member = recipient.responder, request.member
    with speaking_of(member, member.phone.language):
        tell_member(session, request, sms.answered(responder_name(responder)), f"answered:{recipient.id}", now)
    for other in _other_responders(session, recipient):
        with speaking_of(member, language_for(other)):
            words = sms.somebody_is_on_it(member_name(member))
            send_to_responder(session, other, _mark_practice(request, words), f"taken:{recipient.id}", now)


def decline(session: Session, recipient: HelpRecipient, now: datetime) -> None:
    """Record that a responder cannot help now: tell the member once; if nobody else can answer, escalate at once."""
    request = locked(session, recipient.request_id)
    if recipient.answered_at is not None or recipient.declined_at is not None or request.closed_at is not None:
        return
    recipient.declined_at = now
    with speaking_of(request.member, request.member.phone.language):
        tell_member(session, request, sms.not_now(responder_name(recipient.responder)), f"declined:{recipient.id}", now)
    advance_if_unanswerable(session, request, now)


def advance_if_unanswerable(session: Session, request: HelpRequest, now: datetime) -> None:
    """Make the next escalation step due if nobody who was asked can still answer."""
    if request.next_at is None or not request.then:
        return
    rows = select(HelpRecipient, Message.state).outerjoin(Message, HelpRecipient.message_id == Message.id)
    asked = session.execute(rows.where(HelpRecipient.request_id == request.id)).all()
    if not any(
        recipient.declined_at is None and state in SENT_STATUSES | PENDING_STATUSES for recipient, state in asked
    ):
        request.next_at = min(now, request.next_at)


def tell_member(session: Session, request: HelpRequest, words: str, key: str, now: datetime) -> None:
    """Queue news of a request to its member, in the urgent lane; a practice is marked in the language spoken now."""
    text = outbox.Text(
        words=_mark_practice(request, words), key=key, kind=MessageKind.HELP_NEWS, lane=Lane.URGENT,
        expires_at=now + WORTH_SENDING,
    )  # fmt: skip
    outbox.send_text(session, request.member.phone_id, text, now)


def _mark_practice(request: HelpRequest, words: str) -> str:
    return sms.practice(words) if request.practice else words


def _other_responders(session: Session, recipient: HelpRecipient) -> Iterable[Responder]:
    rows = (
        select(Responder)
        .join(HelpRecipient)
        .where(HelpRecipient.request_id == recipient.request_id, HelpRecipient.id != recipient.id)
    )
    return session.scalars(rows.where(Responder.agreed == ResponderStatus.YES, HelpRecipient.message_id.is_not(None)))


def locked(session: Session, request_id: int) -> HelpRequest:
    """The request, read again under a row lock: an answer and the next step may come at the same moment."""
    rows = select(HelpRequest).where(HelpRequest.id == request_id).with_for_update()
    return session.scalars(rows.execution_options(populate_existing=True)).one()


def close_request(request: HelpRequest, now: datetime) -> None:
    """Close a request; texts still waiting become ineligible, so they are withdrawn instead of sent."""
    request.closed_at, request.next_at, request.then = now, None, ""


def report_fine(session: Session, member: Member, now: datetime) -> int:
    """Close the open request, withdraw what waits, and tell those who got the text; returns how many they are."""
    open_now = open_request(session, member)
    if open_now is None:
        return 0
    request = locked(session, open_now.id)
    close_request(request, now)
    told = 0
    for recipient in session.scalars(select(HelpRecipient).where(HelpRecipient.request_id == request.id)):
        message_ids = [id_ for id_ in (recipient.message_id, recipient.again_id) if id_]
        outbox.withdraw(session, Message.id.in_(message_ids), now=now)
        states = session.scalars(select(Message.state).where(Message.id.in_(message_ids))).all()
        if (
            any(state in SENT_STATUSES | PENDING_STATUSES for state in states)
            and recipient.responder.agreed is ResponderStatus.YES
        ):
            told += 1
            with speaking_of(member, language_for(recipient.responder)):
                words = _mark_practice(request, sms.fine_now(member_name(member)))
            send_to_responder(session, recipient.responder, words, f"fine:{request.id}", now)
    return told
