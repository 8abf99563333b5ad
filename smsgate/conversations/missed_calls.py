"""Missed calls: somebody without credit rings, the call is refused without charge, and one text answers it.

It tells the next meeting, or, for a member who chose so, that their help text was sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.groups import groups
from smsgate.groups.wording import speaking_of
from smsgate.help import plans, requests
from smsgate.meetings import meetings
from smsgate.models import Member, Message, MessageKind, Phone, lookup
from smsgate.outbox import keys

REPEAT_AFTER = timedelta(minutes=10)
WORTH_SENDING = timedelta(hours=1)
KEY_PREFIX = "missed_call:"
PAUSE = 60  # seconds, at least, before the help text goes: phones ring from pockets


def answer(session: Session, number: str, now: datetime, code: str) -> bool:
    """Queue the text for a member who rang from this E.164 number; False where none is due.

    A stranger is not texted: whoever has that phone did not join, and may not want to hear from us.
    """
    phone = lookup.find_phone(session, number)
    member = lookup.find_member(session, phone.id) if phone else None
    if phone is None or member is None or phone.stopped_at or phone.blocked_at:
        return False
    session.execute(select(Phone.id).where(Phone.id == phone.id).with_for_update())  # two calls at once: one text
    lately = (Message.phone_id == phone.id, Message.key.startswith(KEY_PREFIX), Message.created_at > now - REPEAT_AFTER)
    if session.scalar(select(Message.id).where(*lately).limit(1)):
        return False
    if plans.plan_of(session, member).rings and _just_sent(session, member, now):
        return False  # somebody who rings again to be sure sends it once
    with speaking_of(member, phone.language):
        words = _words(session, member, now, code)
    text = outbox.Text(words=words, key=keys.missed_call(now), kind=MessageKind.REPLY, expires_at=now + WORTH_SENDING)
    return outbox.send_text(session, phone.id, text, now) is not None


def _just_sent(session: Session, member: Member, now: datetime) -> bool:
    request = requests.open_request(session, member)
    return request is not None and request.raised_at > now - REPEAT_AFTER


def _words(session: Session, member: Member, now: datetime, code: str) -> str:
    if plans.plan_of(session, member).rings:
        return _sent(session, member, now, code)
    group_ids = [group.id for group in groups.groups_of(session, member)]
    meeting = next(iter(meetings.upcoming(session, group_ids, now)), None)
    if meeting is None:
        return sms.no_meeting(code)
    place = (meeting.place or "") if meeting.group.tells_place else ""
    return sms.next_meeting(meetings.local_start(meeting), meeting.group.name, place, code, discreet=member.discreet)


def _sent(session: Session, member: Member, now: datetime, code: str) -> str:
    """Send the help text of a member who switched that on; after three in an hour, say what to dial instead."""
    often = requests.count_recent_requests(session, member, now)
    if often >= requests.OFTEN:
        return sms.sent_often(often, code)
    raised = requests.raise_help(session, member, now, requests.HelpOptions(pause=PAUSE))
    if raised.people or raised.later:
        return sms.on_its_way(raised.people, raised.seconds, code)
    return sms.not_on_its_way(code)
