"""Missed calls: someone without credit rings, the call is refused without charge, and one text answers it.

The text names the next meeting or, to a member who chose this, says that their help text was sent. A call that is to
send one does so, whatever state the number is in, or is told why not; nothing else is answered twice in ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.flows.guard import Access, Act, Channel, PersonState, access
from smsgate.groups import groups
from smsgate.groups.wording import speaking_of
from smsgate.help import endings, plans, request_states, requests
from smsgate.meetings import meetings
from smsgate.members import guard, number_reassignment
from smsgate.models import HelpRequest, Member, Message, MessageKind, Phone, lookup
from smsgate.outbox import keys, limits
from smsgate.outbox.limits import Cause, Caused

REPEAT_AFTER = timedelta(minutes=10)
WORTH_SENDING = timedelta(hours=1)
KEY_PREFIX = "missed_call:"
PAUSE = 60  # seconds, at least, before the help text is sent: phones in pockets make calls


@dataclass(frozen=True)
class MissedCall:
    """A member's missed call, in the transaction that answers it."""

    session: Session
    phone: Phone
    member: Member
    states: frozenset[PersonState]
    now: datetime
    code: str  # what is dialled for the menu

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Speak to the member inside the block."""
        with speaking_of(self.member, self.phone.language):
            yield

    def may(self, act: Act) -> Access:
        """Return the member's access to this act by a missed call."""
        return access(Channel.MISSED_CALL, act, self.states)


def answer(session: Session, number: str, now: datetime, code: str) -> bool:
    """Queue the text for a member who rang from this E.164 number; False if none is due.

    Strangers are not texted: they did not join, and may not want to hear from us.
    """
    phone = lookup.find_phone(session, number)
    member = lookup.find_member(session, phone.id) if phone else None
    if phone is None or member is None:
        return False
    session.execute(select(Phone.id).where(Phone.id == phone.id).with_for_update())  # two calls at once: one text
    number_reassignment.record_activity(phone, now)
    call = MissedCall(session, phone, member, guard.states_of(session, phone, member, now), now, code)
    if plans.plan_of(session, member).rings and call.may(Act.SEND_HELP) is not Access.REFUSED:
        return _send_help(call)
    return _tell_meeting(call)


def take_back(session: Session, member: Member, now: datetime) -> bool:
    """Take back a help text that a missed call started and that still waits; False if there is none."""
    request = requests.open_request(session, member)
    if request is None or not request.by_missed_call or request.leaves_at is None or request.leaves_at <= now:
        return False
    return not endings.take_back(session, member, now).told


def _send_help(call: MissedCall) -> bool:
    """Send the help text of a member who enabled this; after three in an hour, say what to dial instead."""
    earlier = request_states.open_case(call.session, call.member)
    if earlier is not None and earlier.newest.raised_at > call.now - REPEAT_AFTER and not earlier.has_failed:
        return _say_already_sent(call, earlier.newest)  # someone who rings again to be sure sends it once
    often = requests.count_recent_requests(call.session, call.member, call.now)
    if often >= requests.OFTEN:
        with call.speaking():
            return _reply_once(call, "often", sms.sent_often(often, call.code))
    raised = requests.raise_help(call.session, call.member, call.now, requests.HelpOptions(pause=PAUSE))
    if not raised.people and not raised.later:
        with call.speaking():
            return _reply_once(call, "nobody", sms.not_on_its_way(call.code))
    _mark_as_ours(call)
    with call.speaking():
        return _reply(call, "sent", sms.on_its_way(raised.people, raised.seconds, call.code))


def _mark_as_ours(call: MissedCall) -> None:
    request = requests.open_request(call.session, call.member)
    if request is not None and request.raised_at == call.now:
        request.by_missed_call = True


def _say_already_sent(call: MissedCall, request: HelpRequest) -> bool:
    """Say that it was sent, or will be; not during a pause that a ring began, as that ring was just answered."""
    seconds = ceil((request.leaves_at - call.now).total_seconds()) if request.leaves_at else 0
    if seconds > 0 and request.by_missed_call:
        return False
    with call.speaking():
        if seconds > 0:
            return _reply_once(call, "waits", sms.on_its_way(0, seconds, call.code))
        return _reply_once(call, "again", sms.sent_already(call.code))


def _tell_meeting(call: MissedCall) -> bool:
    """Say when the next meeting is, or what to dial if a PIN or a doubt guards it; False if the phone gets no texts."""
    may_read = call.may(Act.READ)
    if may_read is Access.REFUSED:
        return False
    with call.speaking():
        words = _next_meeting(call) if may_read is Access.FREE else sms.please_dial(call.code)
    return _reply_once(call, "next", words)


def _next_meeting(call: MissedCall) -> str:
    group_ids = [group.id for group in groups.groups_of(call.session, call.member)]
    meeting = next(iter(meetings.upcoming(call.session, group_ids, call.now)), None)
    if meeting is None:
        return sms.no_meeting(call.code)
    place = (meeting.place or "") if meeting.group.tells_place else ""
    when, discreet = meetings.local_start(meeting), call.member.discreet
    return sms.next_meeting(when, meeting.group.name, place, call.code, discreet=discreet)


def _reply_once(call: MissedCall, about: str, words: str) -> bool:
    """Answer, unless the same answer was given in the last ten minutes."""
    lately = (Message.phone_id == call.phone.id, Message.created_at > call.now - REPEAT_AFTER)
    same = Message.key.startswith(f"{KEY_PREFIX}{about}:")
    if call.session.scalar(select(Message.id).where(*lately, same).limit(1)):
        return False
    return _reply(call, about, words)


def _caused(call: MissedCall) -> Caused | None:
    """Return what the answer counts as; None for the report that a help text was sent, which has no limit."""
    is_help = limits.caused_in(call.session, Cause.HELP)
    return None if is_help else Caused(Cause.REPLY, call.phone.number)


def _reply(call: MissedCall, about: str, words: str) -> bool:
    text = outbox.Text(
        words=words, key=keys.missed_call(about, call.now), kind=MessageKind.REPLY,
        expires_at=call.now + WORTH_SENDING, caused=_caused(call),
    )  # fmt: skip
    return outbox.send_text(call.session, call.phone.id, text, call.now) is not None
