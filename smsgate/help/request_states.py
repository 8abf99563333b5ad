"""A help request with all its copies, and everybody who was asked: in which state they are, and the locks.

Whatever moves a request (`requests`, `answers`, `endings`, `escalation`, `undelivered`) does so on a `HelpCase` that
`locked` returned, and asks the tables of this module whether the act applies: `docs/understand/help-requests.md`.

One lock order, for everybody: the rows of members, by id; then their open requests; then the digits of phones
(`answer_keys`). Sending again makes one more request: the earlier ones of a case stay open for their day, so that an
answer to any copy counts, and an end reaches everybody who may have read one. A practice is a case of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from smsgate.help.state_tables import ANSWERS, Answer, PersonState, RequestState
from smsgate.models import HelpRecipient, HelpRequest, Member, Message, MessageStatus, Responder, ResponderStatus


def may_be_read(message: Message) -> bool:
    """Whether a gateway may have taken the text, so that someone may have read it: a failure report may be wrong."""
    in_the_air = message.state in (MessageStatus.SENDING, MessageStatus.UNKNOWN)
    return message.sent_at is not None or in_the_air or message.repeats > 0


@dataclass(frozen=True)
class Person:
    """Someone who was asked, and every copy that was queued for them; the last asking is the one they answer."""

    responder: Responder
    asked: Sequence[HelpRecipient]
    copies: Sequence[Message]

    @property
    def last(self) -> HelpRecipient:
        """Their place in the newest request that asked them, which holds their answer."""
        return self.asked[-1]

    @property
    def agrees(self) -> bool:
        """Whether texts about the member may go to them."""
        return self.responder.agreed is ResponderStatus.YES

    @property
    def may_have_read(self) -> bool:
        """Whether they may know of the request; the one rule for answers, an end, the status and the escalation."""
        said = any(recipient.answered_at or recipient.declined_at for recipient in self.asked)
        return said or any(may_be_read(copy) for copy in self.copies)

    @property
    def state(self) -> PersonState:
        """The best of all copies, if they said nothing."""
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
        """When they came into their state; None where no time is shown."""
        best = {PersonState.DELIVERED: MessageStatus.DELIVERED, PersonState.SENT: MessageStatus.SENT}.get(self.state)
        copy = next((copy for copy in self.copies if copy.state is best), None)
        shown = (copy.ended_at or copy.sent_at) if copy else None
        return self.last.answered_at or self.last.declined_at or shown

    def can(self, answer: Answer) -> bool:
        """Whether the answer changes anything."""
        return self.state in ANSWERS[answer].sources


@dataclass(frozen=True)
class HelpCase:
    """A member's open requests of one kind, oldest first: what was sent, and sent again."""

    member: Member
    requests: Sequence[HelpRequest]
    people: Sequence[Person]

    @property
    def newest(self) -> HelpRequest:
        """The request that escalates and that the member sees."""
        return self.requests[-1]

    @property
    def message_ids(self) -> list[int]:
        """Every copy that was queued."""
        return [copy.id for person in self.people for copy in person.copies]

    @property
    def was_read(self) -> bool:
        """Whether anybody may know of it, those included who are off the list by now."""
        return any(one.read_by_others for one in self.requests) or any(one.may_have_read for one in self.people)

    @property
    def is_answered(self) -> bool:
        """Whether someone is helping."""
        return any(person.state is PersonState.ANSWERED for person in self.people)

    def state(self, now: datetime) -> RequestState:
        """Its status."""
        if self.newest.leaves_at is not None and self.newest.leaves_at > now:
            return RequestState.PAUSED
        return RequestState.ANSWERED if self.is_answered else RequestState.ASKING

    def person(self, responder_id: int) -> Person | None:
        """Someone who was asked."""
        return next((person for person in self.people if person.responder.id == responder_id), None)


def open_case(session: Session, member: Member, *, practice: bool = False) -> HelpCase | None:
    """The member's open help request, or their open practice."""
    return _case(session, member, practice=practice, lock=False)


def locked(session: Session, member_id: int, *, practice: bool = False) -> HelpCase | None:
    """The same, read again under the locks of the member and the requests; the member is locked without one too."""
    (member,) = locked_members(session, [member_id]) or (None,)
    return _case(session, member, practice=practice, lock=True) if member else None


def locked_members(session: Session, member_ids: Iterable[int]) -> list[Member]:
    """Lock members in the order of their ids, before anything of theirs; lock several all at once."""
    ids = set(member_ids)
    return _lock(session, Member.id.in_(ids)) if ids else []


def _lock(session: Session, which: ColumnElement[bool]) -> list[Member]:
    rows = select(Member).where(which).order_by(Member.id)
    return list(session.scalars(rows.with_for_update(key_share=True, of=Member)))


def lock_all_around(session: Session, phone_id: int) -> None:
    """Lock the member with this number, and the members who chose it, in one go."""
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
    """Everybody who was asked in these requests of one member, in the order in which they were asked first."""
    rows = select(HelpRecipient).where(HelpRecipient.request_id.in_([request.id for request in requests]))
    recipients = session.scalars(rows.order_by(HelpRecipient.id).execution_options(populate_existing=True)).all()
    ids = [id_ for recipient in recipients for id_ in (recipient.message_id, recipient.again_id) if id_ is not None]
    copies = select(Message).where(Message.id.in_(ids)).execution_options(populate_existing=True)
    by_id = {copy.id: copy for copy in session.scalars(copies)} if ids else {}
    by_responder: dict[int, list[HelpRecipient]] = {}
    for recipient in recipients:
        by_responder.setdefault(recipient.responder_id, []).append(recipient)
    return [Person(asked[0].responder, asked, _copies(asked, by_id)) for asked in by_responder.values()]


def _copies(asked: Sequence[HelpRecipient], by_id: Mapping[int, Message]) -> list[Message]:
    ids = [id_ for recipient in asked for id_ in (recipient.message_id, recipient.again_id) if id_ is not None]
    return [by_id[id_] for id_ in ids if id_ in by_id]
