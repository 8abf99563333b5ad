"""Answers to what the service asked by text: can you help, will you be a responder, do you come."""

from __future__ import annotations

from smsgate.conversations.sms import help, meetings
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows.keywords import Intent


def answer(inbound: InboundContext) -> str | None:
    """Answers a reply to the newest question of a text, unless the dialogue asked later; despair is no such reply."""
    return None if inbound.distress_language else answer_to_question(inbound)


def answer_to_question(inbound: InboundContext) -> str | None:
    """What is said to whoever was asked something; None where nothing waits, or another may have the number."""
    if inbound.may_be_another:  # it would name people
        return None
    waiting = help.waiting(inbound)
    said = meetings.answer(inbound, waiting.times())
    if said is None:
        said = help.answer(inbound, waiting)
    if said is not None and inbound.intent in (Intent.YES, Intent.NO):
        inbound.learn_language()
    if said is not None or inbound.dialogue is not None:
        return said
    return help.ask_again(inbound, waiting) or meetings.ask_again(inbound)
