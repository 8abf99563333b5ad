"""Responders and their consent: they are asked first, reminded once, and free to decline, to rest and to leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.flows.actions.results import ChoiceSeen, ResponderSeen
from smsgate.groups.wording import speaking_of
from smsgate.help import plans
from smsgate.help.names import language_for, member_name, responder_name
from smsgate.help.requests import acknowledge, decline, open_recipients
from smsgate.models import (
    ConsentSubject,
    DoNotContact,
    HelpRecipient,
    HelpText,
    Member,
    Message,
    MessageKind,
    Phone,
    Responder,
    ResponderStatus,
)
from smsgate.models.lookup import ensure_phone, forms_of, note_consent
from smsgate.outbox.eligibility import is_reached_by

MOST = 3
STANDS = (ResponderStatus.ASKED, ResponderStatus.YES)
DAY = timedelta(days=1)
INVITED_BY_ONE = 6  # invitations a day on behalf of one member
INVITED_TO_ONE = 3  # invitations a day to one number
WORTH_ASKING = timedelta(days=7)
REMINDED_AFTER = timedelta(days=3)
REST = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)  # an unanswered invitation: until then the member sees that it is
NEVER_MOST = 20


def responders_of(session: Session, member: Member) -> list[Responder]:
    """The responders whom a member chose, in the order in which they are asked; without the leader as backup."""
    rows = select(Responder).where(Responder.member_id == member.id, ~Responder.backup)
    return list(session.scalars(rows.order_by(Responder.position, Responder.id)))


def responder_results(session: Session, member: Member | None, now: datetime) -> list[ResponderSeen]:
    """A member's responders in the shape that flows show."""
    if member is None:
        return []
    return [
        {"id": one.id, "name": responder_name(one), "agreed": _shown(one, now), "text": one.help_text_id or 0}
        for one in responders_of(session, member)
    ]


def _shown(responder: Responder, now: datetime) -> str:
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
    refused = _refused(session, member, phone, now)
    if refused:
        return refused
    last = session.scalar(select(func.max(Responder.position)).where(Responder.member_id == member.id)) or 0
    responder = Responder(
        member_id=member.id, phone_id=phone.id, name=name.strip() or None, agreed=ResponderStatus.ASKED, asked_at=now,
        position=last + 1,
    )  # fmt: skip
    session.add(responder)
    session.flush()
    with speaking_of(member, language_for(responder)):
        said = sms.invitation(member_name(member))
    _send_invitation(session, responder, said, now)
    return "asked"


def _refused(session: Session, member: Member, phone: Phone, now: datetime) -> str:
    if phone.id == member.phone_id:
        return "yourself"
    if plans.is_do_not_contact(session, member, phone.number):
        return "never"
    _drop_gone(session, member, phone, now)
    chosen = responders_of(session, member)
    if phone.id in [one.phone_id for one in chosen]:
        return "already"
    if len(chosen) >= MOST:
        return "full"
    if not is_reached_by(phone, MessageKind.INVITATION):
        return "closed"
    # Nobody may flood a number with invitations, on their own or with others.
    return "enough" if _too_many(session, member, phone, now) else ""


def _drop_gone(session: Session, member: Member, phone: Phone, now: datetime) -> None:
    """Make room: who did not answer in a week may be asked again, and a leader chosen as backup becomes a responder."""
    for one in session.scalars(select(Responder).where(Responder.member_id == member.id)).all():
        anew = one.phone_id == phone.id and (one.backup or _shown(one, now) == "gone")
        if anew or (_shown(one, now) == "gone" and len(responders_of(session, member)) >= MOST):
            session.delete(one)
            session.flush()


def _too_many(session: Session, member: Member, phone: Phone, now: datetime) -> bool:
    def today(*which: ColumnElement[bool]) -> int:
        count = select(func.count()).select_from(Message)
        return (
            session.scalar(count.where(Message.kind == MessageKind.INVITATION, Message.created_at > now - DAY, *which))
            or 0
        )

    by_one = today(Message.inviter_id == member.id)
    return by_one >= INVITED_BY_ONE or today(Message.phone_id == phone.id) >= INVITED_TO_ONE


def remove_responder(session: Session, member: Member, responder_id: int, now: datetime) -> None:
    """Remove a responder, and withdraw an invitation that was not sent yet."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.member_id != member.id:
        return
    _withdraw(session, responder, now)
    session.delete(responder)


def _withdraw(session: Session, responder: Responder, now: datetime) -> None:
    """Withdraw what waits for them on behalf of this member."""
    for_them = (Message.phone_id == responder.phone_id, Message.responder_id == responder.id)
    outbox.withdraw(session, *for_them, now=now)


def move_up(session: Session, member: Member, responder_id: int) -> None:
    """Move a responder up one place in the order in which they are asked."""
    people = responders_of(session, member)
    place = next((n for n, one in enumerate(people) if one.id == responder_id), 0)
    if place:
        people[place - 1], people[place] = people[place], people[place - 1]
    for position, one in enumerate(people, start=1):
        one.position = position


def give_text(session: Session, member: Member, responder_id: int, text_id: int) -> None:
    """Set which of the member's texts a responder gets; 0 for the first."""
    responder, text = session.get(Responder, responder_id), session.get(HelpText, text_id) if text_id else None
    if responder is not None and responder.member_id == member.id and (text is None or text.member_id == member.id):
        responder.help_text_id = text.id if text else None


def block_number(session: Session, member: Member, number: str, now: datetime) -> str:
    """Put an E.164 number on the do-not-contact list; returns `kept`, or why not: `yourself` or `full`."""
    if number == member.phone.number:
        return "yourself"
    if len(plans.do_not_contact_list(session, member)) >= NEVER_MOST:
        return "full"
    if not plans.is_do_not_contact(session, member, number):
        session.add(DoNotContact(member_id=member.id, number=number))
    forms = forms_of(session, number)
    rows = select(Responder).join(Phone, Phone.id == Responder.phone_id)
    for one in session.scalars(rows.where(Responder.member_id == member.id, Phone.number.in_(forms))).all():
        _withdraw(session, one, now)
        session.delete(one)
    session.flush()
    return "kept"


def remind_invited(session: Session, now: datetime) -> None:
    """Send unanswered invitations once more after three days, never a third time. Run by the scheduler."""
    due = select(Responder).where(
        Responder.agreed == ResponderStatus.ASKED,
        Responder.reminded_at.is_(None),
        Responder.asked_at <= now - REMINDED_AFTER,
        Responder.asked_at > now - WORTH_ASKING,
    )
    for one in session.scalars(due).all():
        one.reminded_at = now
        with speaking_of(one.member, language_for(one)):
            said = sms.invitation(member_name(one.member))
        _send_invitation(session, one, said, now, again=True)


def pending_invitation(session: Session, phone_id: int, now: datetime) -> Responder | None:
    """The newest invitation that this number has not answered and still can."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id,
        Responder.agreed == ResponderStatus.ASKED,
        Responder.asked_at > now - WORTH_ASKING,
    )
    return session.scalars(rows.order_by(Responder.id.desc())).first()


def chosen_by_somebody() -> ColumnElement[bool]:
    """Condition on Phone: a responder of somebody's, or asked since the bind parameter `asked_since`."""
    asked = and_(Responder.agreed == ResponderStatus.ASKED, Responder.asked_at > bindparam("asked_since"))
    return exists().where(Responder.phone_id == Phone.id, or_(Responder.agreed == ResponderStatus.YES, asked))


def who_chose(session: Session, phone_id: int | None) -> list[Responder]:
    """The choices of this number as a responder that still stand, asked or agreed."""
    if phone_id is None:
        return []
    rows = select(Responder).where(Responder.phone_id == phone_id, Responder.agreed.in_(STANDS))
    return list(session.scalars(rows.order_by(Responder.id)))


def choices_seen(session: Session, phone_id: int | None, now: datetime) -> list[ChoiceSeen]:
    """The members who chose this number and whether they wait for its answer, in the shape that flows show."""
    return [
        {
            "id": one.id,
            "name": member_name(one.member),
            "agreed": _shown(one, now) if one.agreed is ResponderStatus.YES else one.agreed.value,
            "needs_answer": _open_ask(session, one) is not None,
        }
        for one in who_chose(session, phone_id)
        if one.agreed is ResponderStatus.YES or one.asked_at > now - WORTH_ASKING
    ]


def record_answer(session: Session, phone_id: int, responder_id: int, said: str, now: datetime) -> None:
    """Record what a responder says: `yes` (agrees), `no` (declines or leaves), `rest` or `awake`.

    `help` and `not_now` answer the open help request. Does nothing if the choice is not one of this phone.
    """
    responder = session.get(Responder, responder_id)
    if responder is None or responder.phone_id != phone_id:
        return
    if said in ("help", "not_now"):
        if ask := _open_ask(session, responder):
            (acknowledge if said == "help" else decline)(session, ask, now)
        return
    if said in ("rest", "awake"):
        set_rest(session, phone_id, now if said == "rest" else None)
        return
    left = (
        ResponderStatus.LEFT if responder.agreed in (ResponderStatus.YES, ResponderStatus.LEFT) else ResponderStatus.NO
    )
    responder.agreed = ResponderStatus.YES if said == "yes" else left
    responder.answered_at = now
    # A day's rest holds for everybody, those included whom they agree to during it.
    rests = [one.muted_until for one in who_chose(session, phone_id) if one.muted_until and one.muted_until > now]
    responder.muted_until = max(rests, default=None)
    note_consent(session, phone_id, ConsentSubject.RESPONDER, said == "yes", now, responder.id)


def forget_old_invitations(session: Session, now: datetime) -> None:
    """Delete responders who have not answered within 30 days."""
    old = (Responder.agreed == ResponderStatus.ASKED, Responder.asked_at < now - FORGOTTEN_AFTER)
    session.execute(delete(Responder).where(*old))


def set_rest(session: Session, phone_id: int, now: datetime | None) -> datetime | None:
    """Hold back every help text to this number for a day from `now`; None ends the rest. Returns until when."""
    until = now + REST if now else None
    for one in who_chose(session, phone_id):
        one.muted_until = until
    return until


def newest_chooser(session: Session, phone_id: int) -> Responder | None:
    """The responder row of the member who asked this number for help last, else of the one who chose it last."""
    agreed = [one for one in who_chose(session, phone_id) if one.agreed is ResponderStatus.YES]
    asks = (
        select(HelpRecipient)
        .where(HelpRecipient.responder_id.in_([one.id for one in agreed]))
        .order_by(HelpRecipient.id.desc())
        .limit(1)
    )
    last = session.scalars(asks).first()
    return last.responder if last else (agreed[-1] if agreed else None)


def _open_ask(session: Session, responder: Responder) -> HelpRecipient | None:
    mine = (one for one in open_recipients(session, responder.phone_id) if one.responder_id == responder.id)
    return next(mine, None)


def _send_invitation(session: Session, responder: Responder, words: str, now: datetime, *, again: bool = False) -> None:
    text = outbox.Text(
        words=words, key=f"invitation:{responder.member_id}:{responder.id}" + ":again" * again,
        kind=MessageKind.INVITATION, expires_at=responder.asked_at + WORTH_ASKING, inviter_id=responder.member_id,
        responder_id=responder.id,
    )  # fmt: skip
    outbox.send_text(session, responder.phone_id, text, now)
