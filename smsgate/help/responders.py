"""Responders and their consent: they are asked first, reminded once, and free to decline, to rest and to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from smsgate import outbox
from smsgate.flows import sms
from smsgate.flows.actions.results import AskedNow, ChoiceSeen, ResponderSeen
from smsgate.groups.wording import speaking_of
from smsgate.help import answers, plans, request_states
from smsgate.help.choices import STANDS, all_of_member, choices_of, one_for_each_member
from smsgate.help.names import language_for, member_name, responder_name
from smsgate.help.state_tables import Answer
from smsgate.models import (
    ConsentSubject,
    HelpRecipient,
    HelpText,
    Member,
    Message,
    MessageKind,
    Phone,
    Responder,
    ResponderStatus,
)
from smsgate.models.lookup import ensure_phone, note_consent
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys
from smsgate.outbox.eligibility import is_reached_by

MOST = 3
DAY = timedelta(days=1)
INVITED_BY_ONE = 6  # invitations a day on behalf of one member
INVITED_TO_ONE = 3  # invitations a day to one number
WORTH_ASKING = timedelta(days=7)
REMINDED_AFTER = timedelta(days=3)
REST = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)  # an unanswered invitation: until then the member sees that it is


def responders_of(session: Session, member: Member) -> list[Responder]:
    """The responders whom a member chose, in the order in which they are asked; without the leader as backup."""
    rows = select(Responder).where(Responder.member_id == member.id, ~Responder.backup)
    return list(session.scalars(rows.order_by(Responder.position, Responder.id)))


def responder_results(session: Session, member: Member | None, now: datetime) -> list[ResponderSeen]:
    """A member's responders in the shape that flows show."""
    if member is None:
        return []
    return [
        {
            "id": responder.id,
            "name": responder_name(responder),
            "agreed": _status_shown(responder, now),
            "text": responder.help_text_id or 0,
        }
        for responder in responders_of(session, member)
    ]


def _status_shown(responder: Responder, now: datetime) -> str:
    """The status of their consent, or why no text reaches them now."""
    if responder.agreed in STANDS and not is_reached_by(responder.phone, MessageKind.INVITATION):
        return "unreachable"
    if responder.agreed is ResponderStatus.ASKED and responder.asked_at <= now - WORTH_ASKING:
        return "gone"
    resting = responder.muted_until is not None and responder.muted_until > now
    return "resting" if resting and responder.agreed is ResponderStatus.YES else responder.agreed.value


def invite(session: Session, member: Member, number: str, name: str, now: datetime) -> str:
    """Ask the holder of an E.164 number to be a responder, by a text.

    Returns `asked`, or why not: `already`, `full`, `enough` (invitations for today), `closed` (cannot be texted),
    `never` (on the do-not-contact list) or `yourself`.
    """
    phone = ensure_phone(session, number, now)
    refusal = _refusal(session, member, phone, now)
    if refusal:
        return refusal
    last = session.scalar(select(func.max(Responder.position)).where(Responder.member_id == member.id)) or 0
    responder = Responder(
        member_id=member.id, phone_id=phone.id, name=name.strip() or None, agreed=ResponderStatus.ASKED, asked_at=now,
        position=last + 1,
    )  # fmt: skip
    session.add(responder)
    session.flush()
    with speaking_of(member, language_for(responder)):
        words = sms.invitation(member_name(member))
    _send_invitation(session, responder, words, now)
    return "asked"


def _refusal(session: Session, member: Member, phone: Phone, now: datetime) -> str:
    if phone.id == member.phone_id:
        return "yourself"
    if plans.is_do_not_contact(session, member, phone.number):
        return "never"
    _drop_unanswered(session, member, phone, now)
    chosen = responders_of(session, member)
    if phone.id in [responder.phone_id for responder in chosen]:
        return "already"
    if len(chosen) >= MOST:
        return "full"
    if not is_reached_by(phone, MessageKind.INVITATION):
        return "closed"
    # Nobody may flood a number with invitations, on their own or with others.
    return "enough" if _is_over_daily_limit(session, member, phone, now) else ""


def _drop_unanswered(session: Session, member: Member, phone: Phone, now: datetime) -> None:
    """Make room: who did not answer in a week may be asked again."""
    for responder in responders_of(session, member):
        gone = _status_shown(responder, now) == "gone"
        if gone and (responder.phone_id == phone.id or len(responders_of(session, member)) >= MOST):
            session.delete(responder)
            session.flush()


def _is_over_daily_limit(session: Session, member: Member, phone: Phone, now: datetime) -> bool:
    def invitations_today(*which: ColumnElement[bool]) -> int:
        count = select(func.count()).select_from(Message)
        return (
            session.scalar(count.where(Message.kind == MessageKind.INVITATION, Message.created_at > now - DAY, *which))
            or 0
        )

    by_one = invitations_today(Message.inviter_id == member.id)
    return by_one >= INVITED_BY_ONE or invitations_today(Message.phone_id == phone.id) >= INVITED_TO_ONE


def move_up(session: Session, member: Member, responder_id: int) -> None:
    """Move a responder up one place in the order in which they are asked."""
    ordered = responders_of(session, member)
    place = next((index for index, responder in enumerate(ordered) if responder.id == responder_id), 0)
    if place:
        ordered[place - 1], ordered[place] = ordered[place], ordered[place - 1]
    for position, responder in enumerate(ordered, start=1):
        responder.position = position


def give_text(session: Session, member: Member, responder_id: int, text_id: int) -> None:
    """Set which of the member's texts a responder gets; 0 for the first."""
    responder, text = session.get(Responder, responder_id), session.get(HelpText, text_id) if text_id else None
    if responder is not None and responder.member_id == member.id and (text is None or text.member_id == member.id):
        responder.help_text_id = text.id if text else None


def remind_invited(session: Session, now: datetime) -> None:
    """Send unanswered invitations once more after three days, never a third time. Run by the scheduler."""
    due = select(Responder.id).where(
        Responder.agreed == ResponderStatus.ASKED,
        Responder.reminded_at.is_(None),
        Responder.asked_at <= now - REMINDED_AFTER,
        Responder.asked_at > now - WORTH_ASKING,
    )

    def remind(ids: Sequence[int]) -> None:
        for responder_id in ids:
            responder = session.get_one(Responder, responder_id)
            responder.reminded_at = now
            with speaking_of(responder.member, language_for(responder)):
                words = sms.invitation(member_name(responder.member))
            _send_invitation(session, responder, words, now, again=True)

    work_on_each(session, "responder invitations", session.scalars(due).all(), remind, now)


def is_chosen() -> ColumnElement[bool]:
    """Condition on Phone: a responder of somebody's, or asked since the bind parameter `asked_since`."""
    asked = and_(Responder.agreed == ResponderStatus.ASKED, Responder.asked_at > bindparam("asked_since"))
    return exists().where(Responder.phone_id == Phone.id, or_(Responder.agreed == ResponderStatus.YES, asked))


def asked_in(phone_id: SQLColumnExpression[int] | int) -> Select[str | None]:
    """The language in which a number was asked last: that of the member who chose it, as in `names.language_for`."""
    member, phone = aliased(Member), aliased(Phone)
    rows = select(phone.language).join(member, member.phone_id == phone.id)
    rows = rows.join(Responder, Responder.member_id == member.id).where(Responder.phone_id == phone_id)
    return rows.order_by(Responder.id.desc()).limit(1)


def choice_results(session: Session, phone_id: int | None, now: datetime) -> list[ChoiceSeen]:
    """The members who chose this number and whether they wait for its answer, in the shape that flows show."""
    standing = [
        (choice, _open_recipient(session, choice) is not None)
        for choice in choices_of(session, phone_id)
        if choice.agreed is ResponderStatus.YES or choice.asked_at > now - WORTH_ASKING
    ]
    return [
        {
            "id": choice.id,
            "name": member_name(choice.member),
            "agreed": _status_shown(choice, now) if choice.agreed is ResponderStatus.YES else choice.agreed.value,
            **_asked_now(session, choice),
        }
        for choice, _needs_answer in one_for_each_member(standing)
    ]


def _asked_now(session: Session, choice: Responder) -> AskedNow:
    recipient = _open_recipient(session, choice)
    return {"needs_answer": recipient is not None, "practice": recipient is not None and recipient.request.practice}


def record_answer(session: Session, phone_id: int, responder_id: int, answer: str, now: datetime) -> None:
    """Record what a responder says: yes, no (declines, leaves), rest, awake; help or not_now to the open request."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.phone_id != phone_id:
        return
    if answer in ("help", "not_now"):
        if recipient := _open_recipient(session, responder):
            (answers.acknowledge if answer == "help" else answers.decline)(session, recipient, now)
        return
    if answer in ("rest", "awake"):
        set_rest(session, phone_id, now if answer == "rest" else None)
        return
    if answer == "no":
        agreed_once = responder.agreed is not ResponderStatus.ASKED
        _stop(session, all_of_member(session, responder) if agreed_once else [responder], now)
        return
    responder.agreed, responder.answered_at = ResponderStatus.YES, now
    # A day's rest holds for everybody, those included whom they agree to during it.
    rests = [choice.muted_until for choice in choices_of(session, phone_id) if choice.muted_until]
    responder.muted_until = max((until for until in rests if until > now), default=None)
    note_consent(session, phone_id, ConsentSubject.RESPONDER, True, now, responder.id)


def stop_being_chosen(session: Session, phone_id: int, now: datetime) -> None:
    """Nobody's responder any more: the number opts out, is erased, or has a new holder. Members who chose it see it."""
    request_states.lock_all_around(session, phone_id)
    _stop(session, choices_of(session, phone_id), now)


def _stop(session: Session, choices: list[Responder], now: datetime) -> None:
    answers.leave(session, choices, Answer.LEFT, now)
    for responder in choices:
        agreed_once = responder.agreed in (ResponderStatus.YES, ResponderStatus.LEFT)
        responder.agreed = ResponderStatus.LEFT if agreed_once else ResponderStatus.NO
        responder.answered_at, responder.muted_until = now, None
        note_consent(session, responder.phone_id, ConsentSubject.RESPONDER, False, now, responder.id)


def forget_old_invitations(session: Session, now: datetime) -> None:
    """Delete responders who have not answered within 30 days."""
    old = (Responder.agreed == ResponderStatus.ASKED, Responder.asked_at < now - FORGOTTEN_AFTER)
    session.execute(delete(Responder).where(*old))


def set_rest(session: Session, phone_id: int, now: datetime | None) -> datetime | None:
    """Hold back every help text to this number for a day from `now`; None ends the rest. Returns until when."""
    until = now + REST if now else None
    request_states.lock_all_around(session, phone_id)
    choices = choices_of(session, phone_id)
    if now:
        answers.leave(session, choices, Answer.RESTED, now)
    for responder in choices:
        responder.muted_until = until
    return until


def _open_recipient(session: Session, responder: Responder) -> HelpRecipient | None:
    recipients = answers.unanswered(answers.open_recipients(session, responder.phone_id))
    return next((recipient for recipient in recipients if recipient.responder_id == responder.id), None)


def _send_invitation(session: Session, responder: Responder, words: str, now: datetime, *, again: bool = False) -> None:
    text = outbox.Text(
        words=words, key=keys.responder_invitation(responder.member_id, responder.id, again=again),
        kind=MessageKind.INVITATION, expires_at=responder.asked_at + WORTH_ASKING, inviter_id=responder.member_id,
        responder_id=responder.id,
    )  # fmt: skip
    outbox.send_text(session, responder.phone_id, text, now)
