"""The dialogue by SMS: a part of the menu or a survey that a text opens, and replies that continue it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from smsgate.conversations import guesses, turns
from smsgate.conversations.caller import describe
from smsgate.conversations.duress import DuressTurnContext
from smsgate.conversations.handlers import action_context, run_action
from smsgate.conversations.pin_guard import MemberPinChecker
from smsgate.conversations.sessions import PhoneSession
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.turn_context import TurnContext
from smsgate.core.i18n import Wording, _
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.menu import NEVER_HELD_UP
from smsgate.flows.screens import HOME, SMS_LIMIT
from smsgate.flows.steps import Caller, Do
from smsgate.flows.typed.keys import only_digits
from smsgate.flows.typed.keywords import Intent
from smsgate.groups import groups, wording
from smsgate.help import choices
from smsgate.surveys import surveys

KEPT_SECONDS = 6 * 3600  # people answer a text hours later
ENDED_KEPT_SECONDS = 1  # long enough to overwrite what was there
TO_BE_READ = ("word", "chosen")  # we ask these back: keys typed before mean something else, and must not send or agree
SENDING = ("send", "send_read", "send_these", "again")  # questions of `flows/help/send` that a key answers by sending
# Those that a key answers by ending a help text, by erasing or leaving, or by agreeing to something.
DECIDING = ("pausing", "stands", "sure_erase", "sure_leave", "answer")
READING_SECONDS = 3  # nobody reads a question and answers it in less
ROOMS = {Intent.MENU: "menu", Intent.MEETINGS: "meetings", Intent.ERASE: "erase", Intent.JOIN: "groups"}


@dataclass(frozen=True)
class SmsTurnContext:
    """The TurnContext of a text: everything happens in the transaction that handles it."""

    inbound: InboundContext

    @property
    def limit(self) -> int:
        """Characters of one answer."""
        return SMS_LIMIT

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries whose phone numbers may be typed."""
        return self.inbound.settings.countries

    @property
    def pin(self) -> MemberPinChecker:
        """The PIN of the sender."""
        return MemberPinChecker(self.inbound.service, lambda: self.inbound.number)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self.inbound.service.now()

    def caller(self) -> Caller:
        """Return the sender as the database knows them now."""
        return caller(self.inbound)

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        """Perform an action."""
        inbound = self.inbound

        def run() -> Any:  # noqa: ANN401 - JSON
            return run_action(do, phone_session.id, action_context(inbound.service, inbound.session, inbound.number))

        here = lambda: nullcontext(inbound.session)  # noqa: E731 - a transaction is open already
        return guesses.guarded(do, inbound.number, self.now(), here, here, run)

    def wording(self, version: int) -> Wording:
        """Return a group's words."""
        return wording.wording_at(self.inbound.session, version)

    def under_duress(self) -> TurnContext:
        """Return the context of the duress account."""
        return DuressTurnContext(self, self.inbound.service, self.inbound.number)


def caller(inbound: InboundContext, start: str = "menu", code: str = "") -> Caller:
    """Return the sender as the database knows them now, beginning at `start`."""
    known = describe(inbound.session, inbound.number, inbound.settings, inbound.now, start, code)
    return replace(known, by_text=True)


def begin(inbound: InboundContext, start: str, code: str = "") -> str:
    """Return the first answer of a dialogue that starts at a menu entry."""
    return begin_as(inbound, caller(inbound, start, code), _("Answer with a number."))


def begin_as(inbound: InboundContext, who: Caller, before: str = "") -> str:
    """Return the first answer of a dialogue of this caller, with the words `before` in front."""
    phone_session = PhoneSession("", who)
    turns.go_to_question(phone_session, SmsTurnContext(inbound), before)
    return _answer(inbound, phone_session)


def ask_which_member(inbound: InboundContext) -> str:
    """Ask which member an answer is for; if it was for a reminder, the text says what to send instead."""
    if inbound.must_dial:
        return sms.please_dial(inbound.service_code)
    return begin_as(inbound, caller(inbound, "chosen"), sms.which_member())


def end(inbound: InboundContext) -> None:
    """End the sender's dialogue, if there is one."""
    inbound.locked.save(PhoneSession("", Caller(), ended=True), ENDED_KEPT_SECONDS)


def is_never_held_up(inbound: InboundContext) -> bool:
    """Return whether choices are open that work with a PIN too and show nothing that it guards, as after despair."""
    dialogue = inbound.dialogue
    return dialogue is not None and dialogue.caller.start in NEVER_HELD_UP and only_digits(inbound.words) != HOME


def _answer(inbound: InboundContext, phone_session: PhoneSession) -> str:
    turn = turns.current_turn(phone_session)
    if phone_session.erased:
        end(inbound)
        return turn.text
    inbound.locked.save(phone_session, ENDED_KEPT_SECONDS if phone_session.ended else KEPT_SECONDS)
    return turn.text


def open_room(inbound: InboundContext) -> str | None:
    """Answer MENU, NEXT, ERASE and JOIN, unless the sender must dial: a dialogue in that room of the menu."""
    if inbound.keyword is None or inbound.keyword.intent not in ROOMS:
        return None
    if not inbound.is_free(Act.ERASE if inbound.keyword.intent is Intent.ERASE else Act.READ):
        return None
    code = inbound.keyword.code
    return begin(inbound, ROOMS[inbound.keyword.intent], groups.code_as_meant(inbound.session, code) if code else "")


def open_survey(inbound: InboundContext) -> str | None:
    """Answer the keyword of a survey in the sender's group, unless the sender must dial or was asked for words."""
    if inbound.keyword is not None or not inbound.is_free(Act.CHANGE):
        return None
    survey = surveys.by_keyword(inbound.session, inbound.member, inbound.words)
    if survey is None or (inbound.words_are_asked_for and not _is_in_flow(inbound, survey.id)):
        return None
    return begin_as(inbound, replace(caller(inbound, "own"), flow=survey.id))


def _is_in_flow(inbound: InboundContext, survey_id: int) -> bool:
    """Return whether the open dialogue is this survey's: its keyword, texted again, begins it anew."""
    return inbound.dialogue is not None and inbound.dialogue.caller.flow == survey_id


def refer_to_dialling(inbound: InboundContext) -> str | None:
    """Answer a sender who must dial, unless choices are open that are never held up."""
    if not inbound.must_dial or is_never_held_up(inbound):
        return None
    return sms.please_dial(inbound.service_code)


def go_on(inbound: InboundContext) -> str | None:
    """Answer a reply to the dialogue's last question. If the sender gets no answer, the dialogue stays put."""
    if inbound.dialogue is None:
        return None
    if inbound.is_spent and not (is_never_held_up(inbound) and only_digits(inbound.words)):
        return ""
    if _is_not_read_yet(inbound, inbound.dialogue):
        return _answer(inbound, inbound.dialogue)
    turns.take_reply(inbound.dialogue, inbound.words.strip(), SmsTurnContext(inbound))
    return _answer(inbound, inbound.dialogue)


def _is_not_read_yet(inbound: InboundContext, dialogue: PhoneSession) -> bool:
    """Return whether the text cannot be an answer to the last question, which is then asked once more."""
    asked = dialogue.asked.name if dialogue.asked else ""
    if asked in SENDING:
        return inbound.written_at.timestamp() < dialogue.asked_at + READING_SECONDS
    must_be_read = asked in DECIDING or dialogue.caller.start in TO_BE_READ
    return inbound.is_overtaken or (inbound.is_unread if must_be_read else inbound.is_echo)


def say_what_to_do(inbound: InboundContext) -> str:
    """Answer everything else: a stranger with what this is and the languages, anybody else with what to text.

    The menu opens only for those who ask for it, so that no key meant for something else picks an entry of it.
    """
    if only_digits(inbound.words) == HOME:
        return begin(inbound, "menu")
    if inbound.member is None and not choices.was_ever_chosen(inbound.session, inbound.phone.id):
        return begin_as(inbound, caller(inbound), sms.what_this_is())
    return sms.nothing_asked(inbound.service_code)
