"""The answer to a text that speaks of despair: warm, fixed, honest that nobody reads it, with choices.

It raises no alarm and leaves no trace of its own: no log, no figure, no word in a cause; nobody else is told.
"""

from __future__ import annotations

from dataclasses import replace

from smsgate.conversations.sessions import Run
from smsgate.conversations.sms import distress_phrases
from smsgate.conversations.sms.exchange import KEPT, Desk, begin_as, caller
from smsgate.core.i18n import speaking, wording_now
from smsgate.flows.help.distress import without_choices
from smsgate.flows.keywords import Heard, Intent
from smsgate.flows.menu import KIND
from smsgate.flows.screens import HOME
from smsgate.flows.steps import Caller, Sort
from smsgate.help import crisis_lines

SAID = "said"  # in place of a session: all that may be said after a STOP was said


def speaks_of_one(desk: Desk, heard: Heard | None) -> bool:
    """The words are no keyword of ours, and speak of despair."""
    is_keyword = heard is not None and heard.intent is not Intent.NOTICE
    return not is_keyword and bool(distress_phrases.spoken(desk.text.words))


def answer(desk: Desk, *, passed_on: bool) -> str:
    """The warm text and its choices; `passed_on` where those who sent a notice may read the words."""
    who = replace(caller(desk, "choices_too" if passed_on else "choices"), language=_language(desk))
    with speaking(who.language, wording_now()):
        return begin_as(desk, who)


def after_stop(desk: Desk) -> str:
    """To a number that said STOP: the text without choices, once in an exchange; "" after that."""
    run = desk.held.run
    if run is not None and run.session == SAID:
        return ""
    if run is None or run.ended:  # another conversation, to erase all, goes on
        desk.held.keep, desk.held.seconds = Run(SAID, Caller(), ended=True), KEPT
    with speaking(_language(desk), wording_now()):
        return without_choices(", ".join(crisis_lines.numbers_to_call(desk.session, desk.number, desk.now)[:2]))


def asked_for_words(desk: Desk) -> bool:
    """A conversation waits for words, whatever they are: a help text, a notice, a name."""
    run = desk.held.run
    return bool(run and not run.ended and run.asked and not run.asked.choice and run.asked.sort is Sort.WORDS)


def goes_on(desk: Desk) -> bool:
    """The choices still wait for a number: they work with a PIN too, and lead to nothing that it guards."""
    run = desk.held.run
    return run is not None and not run.ended and run.caller.start in KIND and desk.text.words.strip() != HOME


def _language(desk: Desk) -> str:
    """The one that its holder chose; else that of the words."""
    chosen = desk.phone.language if desk.phone else None
    return chosen or distress_phrases.spoken(desk.text.words)
