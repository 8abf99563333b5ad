"""RSVPs by SMS: an answer to the newest reminder, if nothing newer was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.typed.answer_words import Meaning
from smsgate.flows.typed.keys import read_key
from smsgate.flows.typed.keywords import Intent
from smsgate.meetings import meetings, rsvp
from smsgate.models import Meeting, Reply, RsvpStatus
from smsgate.notices import replies
from smsgate.outbox.reading import READ_TOGETHER

STATUS = {Meaning.YES: RsvpStatus.YES, Meaning.NO: RsvpStatus.NO, Meaning.MAYBE: RsvpStatus.MAYBE}
KEYS = {int(key): meaning for key, status in rsvp.KEYS.items() for meaning in Meaning if STATUS[meaning] is status}


def answer(
    inbound: InboundContext, asked: Sequence[datetime], answered_at: datetime | None, yes_given_at: datetime | None
) -> str | None:
    """Return the reply to a text that answers a reminder, or tries to; None if it answers or asks for something else.

    `asked` has the times of help texts and invitations that are still open, `answered_at` that of the newest one that
    was answered, `yes_given_at` when the sender last gave an answer that this text would take back. The latest question
    comes first; if another came within minutes of it, we ask which one is meant.
    """
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    if reminder is None or reminder.at.timestamp() < inbound.last_question_at:
        return None
    if any(at >= reminder.at for at in asked):
        return None
    reading = inbound.reading(reminder.meeting.group.name)
    coming = reading.to(KEYS)
    waits = inbound.member is not None and rsvp.waits_for_answer(inbound.session, inbound.member, reminder, inbound.now)
    if asked and coming and (reading.in_words or waits) and _may_mean_another(reminder, asked, waits=waits):
        return exchange.ask_which_member(inbound) if waits else None
    if answered_at is not None and answered_at >= reminder.at and (not waits or coming is Meaning.NO):
        return exchange.ask_which_member(inbound) if waits else None  # a no may be meant to take that answer back
    if yes_given_at is not None and _is_given_later(inbound, reminder, yes_given_at):
        return exchange.ask_which_member(inbound) if waits else None
    if coming and (given := given_at(inbound)) and given > inbound.acts_known_until:
        return as_it_stands(inbound)
    if coming:
        return _ask_which(inbound, reminder, STATUS[coming]) or _save(inbound, reminder.meeting, STATUS[coming])
    if inbound.asks_for_something or not (waits or reading.key is not None):
        return None
    return None if reading.key is None and _is_for_a_notice(inbound, reminder) else _ask(inbound, reminder)


def asked_at(inbound: InboundContext) -> datetime | None:
    """Return when the reminder came that waits for an answer; None if none does."""
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    if reminder is None or inbound.member is None:
        return None
    return reminder.at if rsvp.waits_for_answer(inbound.session, inbound.member, reminder, inbound.now) else None


def given_at(inbound: InboundContext) -> datetime | None:
    """Return when the newest reminder was answered; None if it was not, or if the dialogue has asked more since."""
    found = _reply(inbound)
    return found[1].at if found else None


def as_it_stands(inbound: InboundContext) -> str | None:
    """Return once more the reply to the answer to the newest reminder."""
    found = _reply(inbound)
    return _save(inbound, found[0], found[1].coming) if found else None


def _reply(inbound: InboundContext) -> tuple[Meeting, Reply] | None:
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    if reminder is None or inbound.member is None or reminder.at.timestamp() < inbound.last_question_at:
        return None
    reply = rsvp.reply_to(inbound.session, inbound.member, reminder)
    return (reminder.meeting, reply) if reply else None


def _may_mean_another(reminder: rsvp.Reminded, asked: Sequence[datetime], *, waits: bool) -> bool:
    """Return whether an answer may be meant for one of the open questions from before the reminder."""
    return not waits or any(reminder.at - at < READ_TOGETHER for at in asked)


def _is_given_later(inbound: InboundContext, reminder: rsvp.Reminded, at: datetime) -> bool:
    """Return whether an answer was given after the reminder came, and after any reply to it."""
    if inbound.member is not None and rsvp.is_answered(inbound.session, inbound.member, reminder, inbound.now):
        return not rsvp.is_answered(inbound.session, inbound.member, reminder._replace(at=at), inbound.now)
    return at > reminder.at


def _is_for_a_notice(inbound: InboundContext, reminder: rsvp.Reminded) -> bool:
    """Return whether a notice that takes replies came after the reminder."""
    notice = replies.answered_notice(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    return notice is not None and notice[1] > reminder.at


def ask_again(inbound: InboundContext) -> str | None:
    """Return the reply to 1, 2, 3, yes or no that was written before the reminder it would now answer arrived."""
    if read_key(inbound.words) not in rsvp.KEYS and inbound.intent not in (Intent.YES, Intent.NO):
        return None
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now)
    return _ask(inbound, reminder) if reminder and reminder.at > inbound.written_at else None


def ask_once_more(inbound: InboundContext) -> str | None:
    """Return the question of the newest reminder that had arrived when the text was written."""
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    return _ask(inbound, reminder) if reminder else None


def _ask(inbound: InboundContext, reminder: rsvp.Reminded) -> str:
    return inbound.hint(sms.coming_again(meetings.local_start(reminder.meeting), _named(inbound, reminder.meeting)))


def _named(inbound: InboundContext, meeting: Meeting) -> str:
    """Return the name of the group if the member lets texts name it; else ""."""
    return "" if inbound.member is None or inbound.member.discreet or inbound.must_dial else meeting.group.name


def _ask_which(inbound: InboundContext, reminder: rsvp.Reminded, coming: RsvpStatus) -> str | None:
    """Ask which meeting is meant, with a list, if it may be another than the newest reminder's; else return None."""
    member = inbound.member
    if member is None or not rsvp.is_ambiguous(inbound.session, member, reminder, inbound.now):
        return None
    if inbound.must_dial:
        return sms.please_dial(inbound.service_code)
    who = replace(exchange.caller(inbound, "meetings"), coming=coming.value)
    return exchange.begin_as(inbound, who, sms.which_meeting())


def _save(inbound: InboundContext, meeting: Meeting, coming: RsvpStatus) -> str:
    when, code = meetings.local_start(meeting), inbound.service_code
    if inbound.member and rsvp.record_rsvp(inbound.session, inbound.member, meeting.id, coming, inbound.now):
        return sms.coming_kept(coming.value, when, code, _named(inbound, meeting))
    return sms.coming_no_more(when, code)
