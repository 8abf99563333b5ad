"""Whether somebody comes, by SMS: in answer to the newest reminder, where nothing newer was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smsgate.conversations.sms.notices import Letter
from smsgate.flows import sms
from smsgate.flows.keywords import Intent, plainly
from smsgate.meetings import meetings, rsvp
from smsgate.models import Meeting, Member, RsvpStatus

IN_WORDS = {Intent.YES: RsvpStatus.YES, Intent.NO: RsvpStatus.NO}


def answered(
    letter: Letter, member: Member | None, intent: Intent | None, asked: Sequence[datetime], newest: float
) -> str:
    """What is said to a text that answers a reminder; "" for any other.

    `asked` is when a help text or an invitation asked something, `newest` when a conversation did, in seconds. Yes and
    no in words answer those first; the keys of a reminder answer what was asked last.
    """
    reminded = rsvp.newest_reminder(letter.session, letter.phone.id, letter.now)
    if reminded is None or reminded.at.timestamp() < newest or any(one >= reminded.at for one in asked):
        return ""
    key = plainly(letter.words)
    coming = rsvp.KEYS.get(key) or (IN_WORDS.get(intent) if intent and not asked else None)
    if coming:
        return _kept(letter, member, reminded.meeting, coming)
    return sms.coming_keys() if len(key) == 1 and key.isdecimal() else ""


def _kept(letter: Letter, member: Member | None, meeting: Meeting, coming: RsvpStatus) -> str:
    when, code = meetings.local_start(meeting), letter.settings.service_code
    if member and rsvp.record_rsvp(letter.session, member, meeting.id, coming, letter.now):
        return sms.coming_kept(coming.value, when, code)
    return sms.coming_no_more(when, code)
