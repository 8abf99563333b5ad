"""The answer to a text that speaks of despair: warm, fixed, honest that nobody reads it, and with choices.

It raises no alarm and leaves no trace of its own in logs, statistics or causes of texts; nobody else is told.
"""

from __future__ import annotations

from dataclasses import replace

from smsgate.conversations.sessions import PhoneSession
from smsgate.conversations.sms import notices, questions
from smsgate.conversations.sms.exchange import KEPT_SECONDS, begin_as, caller
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.i18n import speaking, wording_now
from smsgate.flows.help.distress import without_choices
from smsgate.flows.steps import Caller, InputType
from smsgate.help.crisis import crisis_lines

ANSWERED = "said"  # in place of a provider's session id: the one text that may follow a STOP was sent


def comfort_after_stop(inbound: InboundContext) -> str | None:
    """Answer despair from a number that opted out: once in six hours with a text without choices, else not at all."""
    if inbound.phone.stopped_at is None or not inbound.distress_language:
        return None
    stored = inbound.locked.stored
    if stored is not None and stored.provider_session == ANSWERED:
        return ""
    if inbound.dialogue is None:  # otherwise the dialogue that erases everything continues
        inbound.locked.save(PhoneSession(ANSWERED, Caller(), ended=True), KEPT_SECONDS)
    with speaking(_language(inbound), wording_now()):
        numbers = crisis_lines.numbers_to_call(inbound.session, inbound.number, inbound.now)[:2]
        return without_choices(", ".join(numbers))


def comfort_despite_question(inbound: InboundContext) -> str | None:
    """Answer despair while a question of ours is open, such as whether a responder can help; that stays open."""
    if not inbound.distress_language or questions.answer_to_question(inbound) is None:
        return None
    return _offer_choices(inbound, passed_on=False)


def comfort(inbound: InboundContext) -> str | None:
    """Answer despair with choices, unless words were asked for: then the text is a help text, a notice or a name.

    If the words are passed on to those who sent a notice, the answer says so.
    """
    if not inbound.distress_language:
        return None
    passed_on = notices.pass_on(inbound) is not None
    if not passed_on and _words_were_asked_for(inbound):
        return None
    return _offer_choices(inbound, passed_on=passed_on)


def _offer_choices(inbound: InboundContext, *, passed_on: bool) -> str:
    who = replace(caller(inbound, "choices_too" if passed_on else "choices"), language=_language(inbound))
    with speaking(who.language, wording_now()):
        return begin_as(inbound, who)


def _words_were_asked_for(inbound: InboundContext) -> bool:
    asked = inbound.dialogue.asked if inbound.dialogue else None
    return asked is not None and not asked.choice and asked.input_type is InputType.WORDS


def _language(inbound: InboundContext) -> str:
    """Return the language that the sender chose; else that of the words."""
    return inbound.phone.language or inbound.distress_language
