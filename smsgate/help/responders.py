"""Responders and their consent: they are asked first, reminded once, and free to decline, to rest and to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.flows.actions.results import AskedNow, ChoiceSeen, ResponderSeen
from smsgate.groups.wording import speaking_of
from smsgate.help import answers, plans, request_states
from smsgate.help.choices import STANDS, all_of_member, choices_of, one_for_each_member
from smsgate.help.names import language_between, language_for, member_name, responder_name, stranger_name
from smsgate.help.state_tables import Answer
from smsgate.models import (
    ConsentSubject,
    HelpRecipient,
    HelpText,
    Member,
    MessageKind,
    Phone,
    Responder,
    ResponderStatus,
)  # fmt: skip
from smsgate.models.lookup import ensure_phone, note_consent
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, limits
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.limits import Cause, Caused

MOST = 3
WORTH_ASKING = timedelta(days=7)
REMINDED_AFTER = timedelta(days=3)
REST = timedelta(days=1)


def responders_of(session: Session, member: Member) -> list[Responder]:
    """Return the responders a member chose, in the order in which they are asked, without the backup leader."""
    rows = select(Responder).where(Responder.member_id == member.id, ~Responder.backup)
    return list(session.scalars(rows.order_by(Responder.position, Responder.id)))


def responder_results(session: Session, member: Member | None, now: datetime) -> list[ResponderSeen]:
    """Return a member's responders in the shape that flows show."""
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
    """Return the status of their consent, or why no text reaches them now."""
    if responder.agreed in STANDS and not is_reached_by(responder.phone, MessageKind.INVITATION):
        return "unreachable"
    if responder.agreed is ResponderStatus.ASKED and responder.asked_at <= now - WORTH_ASKING:
        return "gone"
    resting = responder.muted_until is not None and responder.muted_until > now
    return "resting" if resting and responder.agreed is ResponderStatus.YES else responder.agreed.value


def invite(session: Session, member: Member, number: str, name: str, now: datetime) -> str:
    """Text the holder of an E.164 number to ask them to be a responder, again if they left or did not answer.

    Returns `asked`, or why not: `already`, `full`, `enough` (invitations for today), `closed` (cannot be texted),
    `never` (on the do-not-contact list) or `yourself`.
    """
    phone = ensure_phone(session, number, now)
    with speaking_of(member, language_between(member, phone)):
        words = sms.invitation(stranger_name(member))
    refusal = _refusal(session, member, phone, words, now)
    if refusal:
        return refusal
    responder = _chosen(session, member, phone) or _added(session, member, phone, now)
    responder.name = name.strip() or responder.name
    responder.agreed, responder.asked_at = ResponderStatus.ASKED, now
    responder.reminded_at = responder.answered_at = responder.muted_until = None
    session.flush()
    _send_invitation(session, responder, words, now)
    return "asked"


def invite_again(session: Session, member: Member, responder_id: int, now: datetime) -> str:
    """Ask a responder once more, and return what `invite` does."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.member_id != member.id:
        return "closed"
    return invite(session, member, responder.phone.number, responder.name or "", now)


def _chosen(session: Session, member: Member, phone: Phone) -> Responder | None:
    return next((chosen for chosen in responders_of(session, member) if chosen.phone_id == phone.id), None)


def _added(session: Session, member: Member, phone: Phone, now: datetime) -> Responder:
    last = session.scalar(select(func.max(Responder.position)).where(Responder.member_id == member.id)) or 0
    asked = {"agreed": ResponderStatus.ASKED, "asked_at": now, "position": last + 1}
    responder = Responder(member_id=member.id, phone_id=phone.id, **asked)
    session.add(responder)
    return responder


def _may_be_asked_again(responder: Responder, now: datetime) -> bool:
    """Return whether they left, did not answer within a week, or declined over a week ago."""
    since = responder.answered_at if responder.agreed is ResponderStatus.NO else responder.asked_at
    waits = responder.agreed is not ResponderStatus.LEFT and since is not None and since > now - WORTH_ASKING
    return responder.agreed is not ResponderStatus.YES and not waits


def _refusal(session: Session, member: Member, phone: Phone, words: str, now: datetime) -> str:
    if phone.id == member.phone_id:
        return "yourself"
    if plans.is_do_not_contact(session, member, phone.number):
        return "never"
    chosen = _chosen(session, member, phone)
    if chosen is not None and not _may_be_asked_again(chosen, now):
        return "already"
    if chosen is None and not _has_room(session, member, now):
        return "full"
    if not is_reached_by(phone, MessageKind.INVITATION):
        return "closed"
    # Nobody may flood a number with invitations, alone or together with others.
    has_room = limits.ask(session, _caused(member), now, target=phone, amount=outbox.count_sms([words]))
    return "" if has_room else "enough"


def _has_room(session: Session, member: Member, now: datetime) -> bool:
    """Return whether one more fits; on a full list, drop those who did not answer within a week first."""
    chosen = responders_of(session, member)
    gone = [responder for responder in chosen if _status_shown(responder, now) == "gone"]
    for responder in gone if len(chosen) >= MOST else []:
        session.delete(responder)
        session.flush()
    return len(responders_of(session, member)) < MOST


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
                words = sms.invitation(stranger_name(responder.member))
            _send_invitation(session, responder, words, now, again=True)

    work_on_each(session, "responder invitations", session.scalars(due).all(), remind, now)


def is_chosen() -> ColumnElement[bool]:
    """Return a condition on Phone: someone's responder, or asked after the bind parameter `asked_since`."""
    asked = and_(Responder.agreed == ResponderStatus.ASKED, Responder.asked_at > bindparam("asked_since"))
    return exists().where(Responder.phone_id == Phone.id, or_(Responder.agreed == ResponderStatus.YES, asked))


def choice_results(session: Session, phone_id: int | None, now: datetime) -> list[ChoiceSeen]:
    """Return the members who chose this number, and whether they wait for its answer, in the shape that flows show."""
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
    recipient = _open_recipient(session, choice) or _open_recipient(session, choice, on_it=True)
    on_it = recipient is not None and recipient.answered_at is not None
    return {
        "needs_answer": recipient is not None and not on_it,
        "on_it": on_it,
        "practice": recipient is not None and recipient.request.practice,
    }


def record_answer(
    session: Session, phone_id: int, responder_id: int, answer: str, now: datetime, *, practice: bool = False
) -> str:
    """Record what a responder says: yes, no (declines or leaves), rest, awake; help or not_now to the open request.

    Returns `heard`, or why it changes nothing: `over` if the request (or the `practice`) or the choice has ended since
    they were asked, `often` if they changed their answer so often today that this one is not passed on.
    """
    if answer in ("rest", "awake"):
        set_rest(session, phone_id, now if answer == "rest" else None)
        return "heard"
    responder = session.get(Responder, responder_id)
    if responder is None or responder.phone_id != phone_id:
        return "heard" if answer == "no" else "over"
    if answer in ("help", "not_now"):
        return _answer_request(session, responder, answer, now, practice=practice)
    if answer == "no":
        agreed_once = responder.agreed is not ResponderStatus.ASKED
        _stop(session, all_of_member(session, responder) if agreed_once else [responder], now)
        return "heard"
    responder.agreed, responder.answered_at = ResponderStatus.YES, now
    # A day's rest holds for every member, including those they agree to during it.
    rests = [choice.muted_until for choice in choices_of(session, phone_id) if choice.muted_until]
    responder.muted_until = max((until for until in rests if until > now), default=None)
    note_consent(session, phone_id, ConsentSubject.RESPONDER, True, now, responder.id)
    return "heard"


def _answer_request(session: Session, responder: Responder, answer: str, now: datetime, *, practice: bool) -> str:
    """Record help or not_now to a request, or to a practice, that the responder was shown; see `record_answer`."""
    open_ = (_open_recipient(session, responder), _open_recipient(session, responder, on_it=True))
    recipient = next((one for one in open_ if one is not None and one.request.practice is practice), None)
    if recipient is None:
        return "over"
    (answers.acknowledge if answer == "help" else answers.decline)(session, recipient, now)
    return "often" if answer == "help" and recipient.answered_at is None else "heard"


def stop_being_chosen(session: Session, phone_id: int, now: datetime) -> None:
    """End every choice of a number that opts out, is erased or has a new holder; members who chose it see that."""
    request_states.lock_all_around(session, phone_id)
    _stop(session, choices_of(session, phone_id), now, of_everybody=True)


def _stop(session: Session, choices: list[Responder], now: datetime, *, of_everybody: bool = False) -> None:
    answers.leave(session, choices, Answer.LEFT, now)
    for responder in choices:
        agreed_once = of_everybody or responder.agreed in (ResponderStatus.YES, ResponderStatus.LEFT)
        responder.agreed = ResponderStatus.LEFT if agreed_once else ResponderStatus.NO
        responder.answered_at, responder.muted_until = now, None
        note_consent(session, responder.phone_id, ConsentSubject.RESPONDER, False, now, responder.id)


def set_rest(session: Session, phone_id: int, now: datetime | None) -> datetime | None:
    """Hold back every help text to this number for a day from `now`, or end the rest (None); return when it ends."""
    until = now + REST if now else None
    request_states.lock_all_around(session, phone_id)
    choices = choices_of(session, phone_id)
    if now:
        answers.leave(session, choices, Answer.RESTED, now)
    for responder in choices:
        responder.muted_until = until
    return until


def _open_recipient(session: Session, responder: Responder, *, on_it: bool = False) -> HelpRecipient | None:
    """Return their row in an open request that waits for their answer; with `on_it`, in one that they are on."""
    recipients = answers.open_recipients(session, responder.phone_id)
    mine = (recipient for recipient in recipients if recipient.responder_id == responder.id)
    return next((recipient for recipient in mine if (recipient.answered_at is not None) is on_it), None)


def _send_invitation(session: Session, responder: Responder, words: str, now: datetime, *, again: bool = False) -> None:
    text = outbox.Text(
        words=words, key=keys.responder_invitation(responder.member_id, responder.id, responder.asked_at, again=again),
        kind=MessageKind.INVITATION, expires_at=responder.asked_at + WORTH_ASKING, inviter_id=responder.member_id,
        responder_id=responder.id, caused=_caused(responder.member),
    )  # fmt: skip
    outbox.send_text(session, responder.phone_id, text, now)


def _caused(member: Member) -> Caused:
    return Caused(Cause.INVITATION, member.phone.number)
