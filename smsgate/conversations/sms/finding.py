"""Finding a group by one text, `FIND nakuru`: the answer lists what was found, and its keys go on from there."""

from __future__ import annotations

from dataclasses import replace

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.gsm7 import transliterate
from smsgate.flows.guard import Act
from smsgate.flows.member.find import LONGEST_LETTERS
from smsgate.flows.typed.keywords import Intent


def find_group(inbound: InboundContext) -> str | None:
    """Answers FIND, unless the sender must dial or was asked for words, or speaks of despair."""
    if inbound.intent is not Intent.FIND or inbound.keyword is None or inbound.distress_language:
        return None
    if inbound.words_are_asked_for or not inbound.is_free(Act.READ):
        return None
    sought = " ".join(inbound.keyword.rest.split())[:LONGEST_LETTERS]
    who = replace(exchange.caller(inbound, "find"), seeks=transliterate(sought))
    return exchange.begin_as(inbound, replace(who, language=who.language or inbound.language))
