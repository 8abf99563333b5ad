"""Answers to what the service asked by text: can you help, will you be a responder, are you coming."""

from __future__ import annotations

from datetime import datetime

from smsgate.conversations.sms import meetings, responses
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.responses import NEVER, Waiting
from smsgate.meetings import rsvp
from smsgate.models import HelpRecipient, Message, MessageKind
from smsgate.notices import replies
from smsgate.outbox.reading import times_read


def answer(inbound: InboundContext) -> str | None:
    """Answer a reply to the newest question by text, unless the dialogue asked one later; despair is no such reply."""
    return None if inbound.distress_language else answer_to_question(inbound)


def is_open(inbound: InboundContext) -> bool:
    """Return whether some question waits for an answer."""
    if inbound.dialogue is not None or responses.waiting(inbound).times():
        return True
    return meetings.asked_at(inbound) is not None


def came_after(inbound: InboundContext, moment: datetime) -> bool:
    """Return whether a question by text that the writer had read, answered or not, came after that moment."""
    waiting = responses.waiting(inbound)
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    times = (*waiting.times(), waiting.answered_at(), reminder.at if reminder else None)
    return any(at > moment for at in times if at is not None)


def answer_to_question(inbound: InboundContext) -> str | None:
    """Return the answer to such a reply; None if no question is open or the number may be reassigned."""
    if inbound.may_be_another:  # it would name people
        return None
    waiting = responses.waiting(inbound)
    reading = inbound.reading(waiting.names())
    given_at = _given_since_asked(inbound, waiting)
    if given_at and reading.in_words and _is_for_a_notice(inbound, waiting, given_at):
        return None
    if given_at and reading.is_polite:
        return _as_it_stands(inbound, waiting, given_at)
    if reading.is_polite and (ask := _ask_with_news(inbound, waiting)):
        return inbound.hint(responses.how_to_answer(ask))
    said = meetings.answer(inbound, waiting.times(), waiting.answered_at(), waiting.yes_given_at(reading))
    if said is None:
        said = responses.answer(inbound, waiting)
    if said is not None:
        inbound.learn_language()
    if said is not None or inbound.dialogue is not None:
        return said
    return responses.ask_again(inbound, waiting) or meetings.ask_again(inbound)


def _given_since_asked(inbound: InboundContext, waiting: Waiting) -> datetime | None:
    """Return when the sender last answered something, if that was after the newest open question came; else None.

    None too if a question has come since they wrote.
    """
    if waiting.unread_asks or waiting.unread_invitations:
        return None
    last = waiting.last_answered()
    times = (responses.given_at(last) if last else None, meetings.given_at(inbound))
    given_at = max(filter(None, times), default=None)
    reminded_at = meetings.asked_at(inbound)
    asked = [*waiting.unanswered_times(), *([reminded_at] if reminded_at else [])]
    return given_at if given_at and all(at < given_at for at in asked) else None


def _is_for_a_notice(inbound: InboundContext, waiting: Waiting, given_at: datetime) -> bool:
    """Return whether a notice that takes replies came since the last answer, and that was to an invitation."""
    if waiting.on_it or meetings.given_at(inbound) == given_at:
        return False
    notice = replies.answered_notice(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    return notice is not None and notice[1] > given_at


def _as_it_stands(inbound: InboundContext, waiting: Waiting, given_at: datetime) -> str | None:
    """Return the reply to a yes like "ok" after an answer: it may only take note of our reply, so nothing changes."""
    if over := responses.over(inbound, since=given_at.timestamp()):
        return over
    if meetings.given_at(inbound) == given_at:
        return meetings.as_it_stands(inbound)
    return responses.as_it_stands(inbound, waiting)


def _ask_with_news(inbound: InboundContext, waiting: Waiting) -> HelpRecipient | None:
    """Return the newest question, if it is a help text of which news came since: "ok" may only take note of that."""
    newest = max([*waiting.unanswered_times(), meetings.asked_at(inbound) or NEVER], default=NEVER)
    asked = next((asked for asked in waiting.asks if asked.at == newest and asked.about.declined_at is None), None)
    if asked is None:
        return None
    to_them = (Message.phone_id == inbound.phone.id, Message.responder_id == asked.about.responder_id)
    times = times_read(inbound.session, *to_them, Message.kind == MessageKind.HELP_NEWS)
    return asked.about if any(asked.at < at <= inbound.written_at for at in times) else None
