"""The state of a help request with all its copies, and of everybody who was asked, and the locks that guard both.

Code that changes a request (`requests`, `answers`, `endings`, `escalation`, `undelivered`) does so on a `HelpCase` that
`locked` returned; the rules are in `state_tables`, which `docs/understand/help-requests.md` shows.

Everybody locks in the same order: the rows of members, by id; then their open requests; then the digits of phones
(`answer_keys`). Sending again adds a request: the earlier ones of a case stay open for their day, so that an answer to
any copy counts, and its end is told to everybody who may have read one. A practice is a separate case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, load_only

from smsgate.help.state_tables import ANSWERS, Answer, PersonState, RequestState
from smsgate.models import HelpRecipient, HelpRequest, Member, Message, MessageStatus, Responder, ResponderStatus

# What is read of a text: neither its words nor its kind, so that one that cannot be read holds up nothing.
COPY = load_only(
    Message.phone_id, Message.lane, Message.state, Message.repeats, Message.created_at, Message.due_at, Message.sent_at,
    Message.ended_at, Message.expires_at,
)  # fmt: skip


def may_be_read(message: Message) -> bool:
    """Return whether someone may have read the text: a gateway may have taken it, and a failure report may be wrong."""
    in_the_air = message.state in (MessageStatus.SENDING, MessageStatus.UNKNOWN)
    return message.sent_at is not None or in_the_air or message.repeats > 0


@dataclass(frozen=True)
class Person:
    """Someone who was asked, and every copy queued for them; their answer is kept in the last of `asked`."""

    responder: Responder
    asked: Sequence[HelpRecipient]
    copies: Sequence[Message]

    @property
    def last(self) -> HelpRecipient:
        """Their row in the newest request that asked them, which holds their answer."""
        return self.asked[-1]

    @property
    def agrees(self) -> bool:
        """True if texts about the member may go to them."""
        return self.responder.agreed is ResponderStatus.YES

    @property
    def may_have_read(self) -> bool:
        """True if they may know of the request; answers, endings, the status and the escalation all use this rule."""
        said = any(recipient.answered_at or recipient.declined_at for recipient in self.asked)
        return said or any(may_be_read(copy) for copy in self.copies)

    @property
    def state(self) -> PersonState:
        """Their answer, or without one the best state of all copies."""
        if self.last.answered_at is not None:
            return PersonState.ANSWERED
        if self.last.declined_at is not None:
            return PersonState.DECLINED
        states = {copy.state for copy in self.copies}
        if MessageStatus.DELIVERED in states:
            return PersonState.DELIVERED
        if MessageStatus.SENT in states:
            return PersonState.SENT
        if states & {MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNKNOWN}:
            return PersonState.GOING
        return PersonState.LOST if self.may_have_read else PersonState.UNSENT

    @property
    def since(self) -> datetime | None:
        """When they reached this state; None where no time is shown."""
        best = {PersonState.DELIVERED: MessageStatus.DELIVERED, PersonState.SENT: MessageStatus.SENT}.get(self.state)
        copy = next((copy for copy in self.copies if copy.state is best), None)
        shown = (copy.ended_at or copy.sent_at) if copy else None
        return self.last.answered_at or self.last.declined_at or shown

    def can(self, answer: Answer) -> bool:
        """Return whether the answer changes anything."""
        return self.state in ANSWERS[answer].sources


@dataclass(frozen=True)
class HelpCase:
    """A member's open requests of one kind (real or practice), oldest first: the first, and each one sent again."""

    member: Member
    requests: Sequence[HelpRequest]
    people: Sequence[Person]

    @property
    def newest(self) -> HelpRequest:
        """The request that escalates and that the member sees."""
        return self.requests[-1]

    @property
    def message_ids(self) -> list[int]:
        """The ids of every copy that was queued."""
        return [copy.id for person in self.people for copy in person.copies]

    @property
    def was_read(self) -> bool:
        """True if anybody may know of it, including people who have since been taken off the list."""
        return any(one.read_by_others for one in self.requests) or any(one.may_have_read for one in self.people)

    @property
    def has_failed(self) -> bool:
        """True if people were asked and certainly none has read it, nor will: then it helps to send it again."""
        return bool(self.people) and all(person.state is PersonState.UNSENT for person in self.people)

    @property
    def is_answered(self) -> bool:
        """True if someone is helping."""
        return any(person.state is PersonState.ANSWERED for person in self.people)

    def state(self, now: datetime) -> RequestState:
        """Return its state: paused while it can be taken back, then answered or asking."""
        if self.newest.leaves_at is not None and self.newest.leaves_at > now:
            return RequestState.PAUSED
        return RequestState.ANSWERED if self.is_answered else RequestState.ASKING

    def person(self, responder_id: int) -> Person | None:
        """Return the person with this responder id; None if they were not asked."""
        return next((person for person in self.people if person.responder.id == responder_id), None)


def open_case(session: Session, member: Member, *, practice: bool = False) -> HelpCase | None:
    """Return the member's open help request, or their open practice; None if there is none."""
    return _case(session, member, practice=practice, lock=False)


def locked(session: Session, member_id: int, *, practice: bool = False) -> HelpCase | None:
    """Lock the member and their requests, then read and return the case; the member is locked even without a case."""
    (member,) = locked_members(session, [member_id]) or (None,)
    return _case(session, member, practice=practice, lock=True) if member else None


def locked_members(session: Session, member_ids: Iterable[int]) -> list[Member]:
    """Lock and return members in order of id. Call it before locking anything of theirs, once for all of them."""
    ids = set(member_ids)
    return _lock(session, Member.id.in_(ids)) if ids else []


def _lock(session: Session, which: ColumnElement[bool]) -> list[Member]:
    rows = select(Member).where(which).order_by(Member.id)
    return list(session.scalars(rows.with_for_update(key_share=True, of=Member)))


def lock_all_around(session: Session, phone_id: int) -> None:
    """Lock the member with this number and the members who chose it, in one statement."""
    chose_it = Member.id.in_(select(Responder.member_id).where(Responder.phone_id == phone_id))
    _lock(session, or_(Member.phone_id == phone_id, chose_it))


def _case(session: Session, member: Member, *, practice: bool, lock: bool) -> HelpCase | None:
    mine = (HelpRequest.member_id == member.id, HelpRequest.closed_at.is_(None), HelpRequest.practice.is_(practice))
    rows = select(HelpRequest).where(*mine).order_by(HelpRequest.id)
    if lock:
        rows = rows.with_for_update(of=HelpRequest)
    requests = session.scalars(rows.execution_options(populate_existing=True)).all()
    return HelpCase(member, requests, people_of(session, requests)) if requests else None


def people_of(session: Session, requests: Sequence[HelpRequest]) -> list[Person]:
    """Return everybody who was asked in these requests of one member, in the order in which they were first asked."""
    rows = select(HelpRecipient).where(HelpRecipient.request_id.in_([request.id for request in requests]))
    recipients = session.scalars(rows.order_by(HelpRecipient.id).execution_options(populate_existing=True)).all()
    ids = [id_ for recipient in recipients for id_ in (recipient.message_id, recipient.again_id) if id_ is not None]
    copies = select(Message).options(COPY).where(Message.id.in_(ids)).execution_options(populate_existing=True)
    by_id = {copy.id: copy for copy in session.scalars(copies)} if ids else {}
    by_responder: dict[int, list[HelpRecipient]] = {}
    for recipient in recipients:
        by_responder.setdefault(recipient.responder_id, []).append(recipient)
    return [Person(asked[0].responder, asked, _copies(asked, by_id)) for asked in by_responder.values()]


def _copies(asked: Sequence[HelpRecipient], by_id: Mapping[int, Message]) -> list[Message]:
    ids = [id_ for recipient in asked for id_ in (recipient.message_id, recipient.again_id) if id_ is not None]
    return [by_id[id_] for id_ in ids if id_ in by_id]
