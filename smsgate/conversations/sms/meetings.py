"""Whether somebody comes, by SMS: in answer to the newest reminder, where nothing newer was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.keywords import Intent, normalise
from smsgate.meetings import meetings, rsvp
from smsgate.models import Meeting, RsvpStatus

IN_WORDS = {Intent.YES: RsvpStatus.YES, Intent.NO: RsvpStatus.NO}


def answer(inbound: InboundContext, asked: Sequence[datetime]) -> str | None:
    """What is said to a text that answers a reminder; None for any other.

    `asked` is when a help text or an invitation asked something. Yes and no in words answer those first; the keys of a
    reminder answer what was asked last.
    """
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now)
    if reminder is None or reminder.at.timestamp() < inbound.last_question_at:
        return None
    if any(at >= reminder.at for at in asked):
        return None
    key = normalise(inbound.words)
    in_words = IN_WORDS.get(inbound.intent) if inbound.intent and not asked else None
    coming = rsvp.KEYS.get(key) or in_words
    if coming:
        return _save(inbound, reminder.meeting, coming)
    return sms.coming_keys() if len(key) == 1 and key.isdecimal() else None


def _save(inbound: InboundContext, meeting: Meeting, coming: RsvpStatus) -> str:
    when, code = meetings.local_start(meeting), inbound.service_code
    if inbound.member and rsvp.record_rsvp(inbound.session, inbound.member, meeting.id, coming, inbound.now):
        return sms.coming_kept(coming.value, when, code)
    return sms.coming_no_more(when, code)
