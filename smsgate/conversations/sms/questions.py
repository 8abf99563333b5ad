"""Answers to what the service asked by text: can you help, will you be a responder, are you coming."""

from __future__ import annotations

from smsgate.conversations.sms import meetings, responses
from smsgate.conversations.sms.inbound_context import InboundContext


def answer(inbound: InboundContext) -> str | None:
    """Answers a reply to the newest question by text, unless the dialogue asked one later; despair is no such reply."""
    return None if inbound.distress_language else answer_to_question(inbound)


def is_open(inbound: InboundContext) -> bool:
    """Returns whether some question waits for an answer."""
    if inbound.dialogue is not None or responses.waiting(inbound).times():
        return True
    return meetings.is_asked(inbound)


def answer_to_question(inbound: InboundContext) -> str | None:
    """Returns the answer to such a reply; None if no question is open or the number may be reassigned."""
    if inbound.may_be_another:  # it would name people
        return None
    waiting = responses.waiting(inbound)
    yes_given_at = waiting.yes_given_at(inbound.reading(waiting.names()))
    said = meetings.answer(inbound, waiting.times(), waiting.answered_at(), yes_given_at)
    if said is None:
        said = responses.answer(inbound, waiting)
    if said is not None:
        inbound.learn_language()
    if said is not None or inbound.dialogue is not None:
        return said
    return responses.ask_again(inbound, waiting) or meetings.ask_again(inbound)
