"""Whether somebody comes, by SMS: in answer to the newest reminder, where nothing newer was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.keywords import Intent
from smsgate.flows.typed_keys import read_key
from smsgate.meetings import meetings, rsvp
from smsgate.models import Meeting, RsvpStatus

IN_WORDS = {Intent.YES: RsvpStatus.YES, Intent.NO: RsvpStatus.NO}


def answer(inbound: InboundContext, asked: Sequence[datetime]) -> str | None:
    """What is said to a text that answers a reminder; None for any other.

    `asked` is when a help text or an invitation asked something. Yes and no in words answer those first; the keys of a
    reminder answer what was asked last.
    """
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    if reminder is None or reminder.at.timestamp() < inbound.last_question_at:
        return None
    if any(at >= reminder.at for at in asked):
        return None
    key = read_key(inbound.words)
    in_words = IN_WORDS.get(inbound.intent) if inbound.intent and not asked else None
    coming = rsvp.KEYS.get(key) or in_words
    if coming:
        return _ask_which(inbound, reminder) or _save(inbound, reminder.meeting, coming)
    return inbound.hint(sms.coming_keys()) if len(key) == 1 else None


def ask_again(inbound: InboundContext) -> str | None:
    """What is said to 1, 2 or 3 that was written before the reminder came which it would answer now."""
    if read_key(inbound.words) not in rsvp.KEYS:
        return None
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now)
    return inbound.hint(sms.coming_keys()) if reminder and reminder.at > inbound.written_at else None


def _ask_which(inbound: InboundContext, reminder: rsvp.Reminded) -> str | None:
    """The list of meetings, where the text may mean another than that of the newest reminder."""
    member = inbound.member
    if member is None or not rsvp.is_ambiguous(inbound.session, member, reminder, inbound.now):
        return None
    if inbound.must_dial:
        return sms.please_dial(inbound.service_code)
    return exchange.begin_as(inbound, exchange.caller(inbound, "meetings"), sms.which_meeting())


def _save(inbound: InboundContext, meeting: Meeting, coming: RsvpStatus) -> str:
    when, code = meetings.local_start(meeting), inbound.service_code
    if inbound.member and rsvp.record_rsvp(inbound.session, inbound.member, meeting.id, coming, inbound.now):
        return sms.coming_kept(coming.value, when, code)
    return sms.coming_no_more(when, code)
