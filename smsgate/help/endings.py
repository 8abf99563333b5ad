"""How a help request ends: the member is fine, takes it back, sends a real one or is erased, or a day has passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.reading.bad_rows import each_past_bad_rows
from smsgate.flows import sms
from smsgate.help import request_states
from smsgate.help.names import member_name
from smsgate.help.news import tell_responder
from smsgate.help.request_states import HelpCase, Person, may_be_read
from smsgate.models import HelpRequest, Member, Message
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys

OPEN_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class EndResult:
    """The result of ending a request: how many people are told now, and whether anybody may have read it."""

    told: int = 0
    was_read: bool = False
    was_over: bool = False  # no request was open any more
    earlier_stands: bool = False  # only the newest copy was taken back; what was sent before is still open


def report_fine(session: Session, member: Member, now: datetime, *, practice: bool = False) -> EndResult:
    """End the request of a member who is fine: withdraw waiting texts and tell everybody who may have read a copy."""
    case = _withdrawn(session, request_states.locked(session, member.id, practice=practice), now)
    if case is None:
        return EndResult(was_over=True)
    _close(case.requests, now)
    told = [person for person in case.people if person.may_have_read and person.agrees]
    for person in told:
        _tell_fine(session, case, person, now)
    return EndResult(len(told), case.was_read)


def take_back(session: Session, member: Member, now: datetime) -> EndResult:
    """Take back the newest request; earlier ones that may have been read stand.

    Without any, or if the newest may have been read too, do what `report_fine` does.
    """
    case = request_states.locked(session, member.id)
    if case is None or not _part(session, case, case.requests[:-1]).was_read:  # nothing would be left to stand
        return report_fine(session, member, now)
    newest, earlier = case.newest, case.requests[-2]
    last_copies = _part(session, case, [newest])
    last_copies = _withdrawn(session, last_copies, now) or last_copies
    was_read = any(may_be_read(copy) for person in last_copies.people for copy in person.copies)
    if was_read or newest.read_by_others:
        return report_fine(session, member, now)
    for person in case.people:
        _keep_answer(person, newest)
    earlier.then = newest.then
    goes_on = newest.next_at is not None and not _part(session, case, case.requests[:-1]).is_answered
    earlier.next_at = now + timedelta(minutes=newest.wait_minutes) if goes_on else None
    _close([newest], now)
    return EndResult(was_read=True, earlier_stands=True)


def _part(session: Session, case: HelpCase, requests: Sequence[HelpRequest]) -> HelpCase:
    """Return the same case with only these of its requests."""
    return HelpCase(case.member, requests, request_states.people_of(session, requests))


def _keep_answer(person: Person, taken_back: HelpRequest) -> None:
    """Copy an answer from the request that is taken back to the earlier one, which stands."""
    last = person.last
    if last.request_id == taken_back.id and len(person.asked) > 1 and (last.answered_at or last.declined_at):
        person.asked[-2].answered_at, person.asked[-2].declined_at = last.answered_at, last.declined_at


def replace(session: Session, case: HelpCase, now: datetime) -> None:
    """Stop the waiting copies and steps of requests that are being sent again; they stay open for their day."""
    gone = set(outbox.withdraw(session, Message.id.in_(case.message_ids), now=now))
    for person in case.people:
        for recipient in person.asked:
            if recipient.message_id in gone:
                recipient.told_unsent_at = now
    for request in case.requests:
        request.then, request.next_at = "", None


def end_practice(session: Session, member: Member, now: datetime) -> None:
    """End an open practice, so that it never delays a real request."""
    case = _withdrawn(session, request_states.locked(session, member.id, practice=True), now)
    if case is not None:
        _close(case.requests, now)


def end_for_erased(session: Session, member: Member, now: datetime) -> None:
    """End the requests of a member who leaves or is erased; tell everyone who may have read one that it is over."""
    for practice in (False, True):
        case = _withdrawn(session, request_states.locked(session, member.id, practice=practice), now)
        if case is None:
            continue
        _close(case.requests, now)
        for person in [one for one in case.people if one.may_have_read and one.agrees]:
            tell_responder(session, case.newest, person.responder, sms.over, keys.help_over(case.newest.id), now)


def end_after_a_day(session: Session, now: datetime) -> None:
    """Close requests after a day. Run by the scheduler."""
    old = (HelpRequest.closed_at.is_(None), HelpRequest.raised_at < now - OPEN_FOR)
    due = session.scalars(select(HelpRequest.member_id).where(*old).distinct()).all()

    def end(member_ids: Sequence[int]) -> None:
        for member in request_states.locked_members(session, member_ids):
            for practice in (False, True):
                case = request_states.locked(session, member.id, practice=practice)
                requests = [one for one in case.requests if one.raised_at < now - OPEN_FOR] if case else []
                _close(requests, now)

    work_on_each(session, "a member's requests of the day before", due, each_past_bad_rows(session, end), now)


def ended_by_itself(request: HelpRequest) -> bool:
    """Return whether a request that is over ended after its day, and not by an act of its member."""
    return request.closed_at is not None and request.closed_at > request.raised_at + OPEN_FOR


def _withdrawn(session: Session, case: HelpCase | None, now: datetime) -> HelpCase | None:
    """Withdraw everything that waits, and return the case as it is then: what a worker is sending counts as read."""
    if case is None:
        return None
    outbox.withdraw(session, Message.id.in_(case.message_ids), now=now)
    return HelpCase(case.member, case.requests, request_states.people_of(session, case.requests))


def _tell_fine(session: Session, case: HelpCase, person: Person, now: datetime) -> None:
    words = partial(sms.fine_now, member_name(case.member))
    tell_responder(session, case.newest, person.responder, words, keys.fine_now(case.newest.id), now)


def _close(requests: Iterable[HelpRequest], now: datetime) -> None:
    """Close requests; texts that a worker hands back become ineligible, so they are withdrawn instead of sent."""
    for request in requests:
        request.closed_at, request.next_at, request.then = now, None, ""
