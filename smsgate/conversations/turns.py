"""One turn of a session: from the input, read in the light of the screen that the person saw, to the next screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import structlog

from smsgate.conversations import duress
from smsgate.conversations.duress import is_duress_session
from smsgate.conversations.handlers import NotAMember
from smsgate.conversations.sessions import Asked, PhoneSession
from smsgate.conversations.turn_context import TurnContext
from smsgate.core.i18n import _, ngettext, speaking, wording_now
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.flows import engine, screens
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.member.settings import ERASED
from smsgate.flows.menu import menu
from smsgate.flows.steps import EMPTY, OPENED, Ask, Caller, Choose, Do, InputType, Question
from smsgate.flows.typed.keys import ascii_digits, only_digits, read_key
from smsgate.flows.typed.plain_names import is_name
from smsgate.members import pins

log = structlog.get_logger()

FIRST_QUESTION = "language"  # for someone new, and for a member with a PIN
OF_THE_CALL = ("provider_session", "previous_session", "text_length", "text_tag", "text_form")
NEW_PINS = ("new_pin", "second_pin")


@dataclass(frozen=True)
class Turn:
    """What the phone shows now; `ends` when nothing is asked any more."""

    text: str
    ends: bool


class InvalidReply(ValueError):
    """What a person typed does not answer the question; the text says why, in their language."""


def take_reply(phone_session: PhoneSession, typed: str, context: TurnContext) -> None:
    """Advance a session by the input. Turning a page needs no replay; everything else replays the flow."""
    key = only_digits(typed)
    if phone_session.offers_to_continue:
        go_home(phone_session, context)
    elif key == screens.MORE and phone_session.page + 1 < len(phone_session.pages):
        phone_session.page += 1
    elif key == screens.BACK and phone_session.page:
        phone_session.page -= 1
    elif key == screens.BACK and _offers(phone_session):
        _go_on_with_interrupted(phone_session, context)
    elif key == screens.HOME:
        go_home(phone_session, context)
    elif phone_session.asked is not None:
        _take_answer(phone_session, typed, context)


def _offers(phone_session: PhoneSession) -> bool:
    """Return whether the screen offers to continue the call that was cut off: only the first screen does."""
    return phone_session.interrupted is not None and engine.depth(phone_session.answers) == 0


def _go_on_with_interrupted(phone_session: PhoneSession, context: TurnContext) -> None:
    if phone_session.interrupted is not None:
        _become(phone_session, phone_session.interrupted)
        go_to_question(phone_session, context)


def _become(phone_session: PhoneSession, other: PhoneSession) -> None:
    """Turn a session into another one, within the same call."""
    for name in PhoneSession.__struct_fields__:
        if name not in OF_THE_CALL:
            setattr(phone_session, name, getattr(other, name))


def go_home(phone_session: PhoneSession, context: TurnContext, explanation: str = "") -> None:
    """Begin again at the first screen, under a new id, so that the same choice may be made a second time."""
    _become(phone_session, PhoneSession(phone_session.provider_session, context.caller()))
    go_to_question(phone_session, context, explanation)


def _take_answer(phone_session: PhoneSession, typed: str, context: TurnContext) -> None:
    before = engine.back(phone_session.answers) if only_digits(typed) == screens.BACK else None
    explanation = ""
    if before is not None:
        phone_session.answers = before
    else:
        try:
            value = _read(phone_session, typed, context)
            # What a PIN opened is not a choice that one can go back from.
            kept = (
                AnswerSource.DONE
                if value in OPENED and phone_session.asked and phone_session.asked.pin
                else AnswerSource.SAID
            )
            if kept is AnswerSource.DONE and phone_session.caller.code == only_digits(typed):
                # Redis lost the call after the PIN was typed, and it looked like a group's code: it must not be shown.
                phone_session.caller = replace(phone_session.caller, code="")
            if value == EMPTY and kept is AnswerSource.DONE:
                phone_session.caller = duress.welcomed(context, phone_session.caller)
            phone_session.answers = [*phone_session.answers, Answer(_asked_name(phone_session), value, kept)]
        except InvalidReply as invalid:
            explanation = str(invalid)
    try:
        go_to_question(phone_session, context, explanation)
    except (NotAMember, engine.WentHome):
        go_home(phone_session, context)


def go_to_question(phone_session: PhoneSession, context: TurnContext, explanation: str = "") -> None:
    """Replay the flow to its next question and lay out what the person sees. Raises NotAMember, WentHome."""
    try:
        with speaking(phone_session.caller.spoken, context.wording(phone_session.caller.wording)):
            _replay(phone_session, _in_effect(phone_session, context), explanation)
    except engine.StaleAnswers as stale:
        log.error("session_begun_anew", session=phone_session.id, error=type(stale.__cause__).__name__)
        with speaking(phone_session.language):
            go_home(phone_session, context, _("This has just changed. Let's start again."))


def _in_effect(phone_session: PhoneSession, context: TurnContext) -> TurnContext:
    """Return the context in effect. Only here is the duress account distinguished from the caller's own."""
    return context.under_duress() if is_duress_session(phone_session) else context


def _replay(phone_session: PhoneSession, context: TurnContext, explanation: str) -> None:
    def perform(do: Do) -> Any:  # noqa: ANN401 - JSON
        result = context.perform(phone_session, do)
        if do.name == ERASED:
            phone_session.id = ""
        return result

    stop = engine.replay(menu, phone_session.caller, phone_session.answers, perform)
    phone_session.answers, phone_session.language, phone_session.page = stop.answers, stop.language, 0
    phone_session.asked, phone_session.asked_at = _asked(stop.asked), context.now().timestamp()
    can_back, can_home = engine.back(stop.answers) is not None, engine.depth(stop.answers) > 1

    def laid_out(told: list[str], asked: Question | None) -> list[screens.Page]:
        onward = _("Go on where you stopped") if _offers(phone_session) else ""
        return screens.lay_out(told, asked, context.limit, can_back=can_back, can_home=can_home, onward=onward)

    with speaking(stop.language, wording_now()):
        phone_session.pages = laid_out([explanation, *stop.told], stop.asked)
        if explanation and len(phone_session.pages) > 1 and isinstance(stop.asked, Choose):
            # The keys must not move to a page that was not there a moment ago; the text was just read.
            phone_session.pages = laid_out([explanation], replace(stop.asked, text=""))


def current_turn(phone_session: PhoneSession) -> Turn:
    """Return what the phone shows. On the last page with no question left, the session ends and forgets its answers."""
    at_the_end = phone_session.asked is None and phone_session.page + 1 == len(phone_session.pages)
    if at_the_end:
        end(phone_session)
    return Turn(phone_session.pages[phone_session.page].text, phone_session.ended)


def end(phone_session: PhoneSession) -> None:
    """End a session: it forgets everything but its screen, which a repeat of the last callback gets."""
    phone_session.ended, phone_session.answers, phone_session.interrupted = True, [], None
    phone_session.caller = Caller(phone_session.caller.language, asked_in=phone_session.caller.asked_in)


def _read(phone_session: PhoneSession, typed: str, context: TurnContext) -> str:
    """Return what a reply means on the screen that the person saw. Raises InvalidReply."""
    asked, options = phone_session.asked, phone_session.pages[phone_session.page].options
    with speaking(phone_session.language, context.wording(phone_session.caller.wording)):
        if asked is None or asked.choice:
            if (key := read_key(typed)) in options:
                return options[key]
            if asked and asked.pin and pins.looks_like_pin(only_digits(typed)):
                return _read_pin(asked, only_digits(typed), context)
            raise InvalidReply(_("Please choose one of the numbers."))
        if options.get(only_digits(typed)) == screens.SKIP:
            return ""
        if asked.input_type in (InputType.NEW_PIN, InputType.SAME_PIN):
            return _read_new_pin(phone_session, asked, only_digits(typed), _in_effect(phone_session, context))
        if asked.input_type is InputType.NUMBER:
            return _read_number(typed, context.countries)
        words = _read_words(asked, typed)
        if asked.input_type is InputType.NAME and not is_name(words):
            raise InvalidReply(_("A name can only have letters. Please type another."))
        return words


def _read_pin(asked: Asked, typed: str, context: TurnContext) -> str:
    opened, minutes = context.pin.opens(typed)
    if opened in OPENED:
        return opened
    if asked.name == FIRST_QUESTION:  # as someone new would be told
        raise InvalidReply(_("Please choose one of the numbers."))
    if minutes:
        text = ngettext(
            "Please wait {count} minute, then try again.", "Please wait {count} minutes, then try again.", minutes
        )
        raise InvalidReply(text.format(count=minutes))
    raise InvalidReply(_("That is not the PIN."))


def _read_new_pin(phone_session: PhoneSession, asked: Asked, typed: str, context: TurnContext) -> str:
    if asked.input_type is InputType.SAME_PIN:
        first = next(answer.value for answer in reversed(phone_session.answers) if answer.name in NEW_PINS)
        return "same" if context.pin.same(first, typed) else "other"
    if not pins.looks_like_pin(typed):
        raise InvalidReply(_("A PIN has 4 to 8 digits."))
    if pins.is_obvious(typed):
        raise InvalidReply(_("That PIN is easy to guess. Please choose another."))
    hashed = context.pin.hashed(asked.name, typed)
    if not hashed:
        raise InvalidReply(_("That is your PIN already. Please choose another."))
    return hashed


def _read_words(asked: Asked, typed: str) -> str:
    is_code = asked.input_type is InputType.CODE
    words = re.sub(r"\D", "", ascii_digits(typed))[:8] if is_code else " ".join(typed.split())
    if not words:
        raise InvalidReply(_("We didn't understand that. Please type it again."))
    over = len(words) - asked.longest
    if over > 0:
        text = ngettext("That is {count} character too long.", "That is {count} characters too long.", over)
        raise InvalidReply(text.format(count=over))
    return words


def _read_number(typed: str, countries: tuple[str, ...]) -> str:
    try:
        return e164(typed.rstrip("#* "), countries)  # people end a number as they end a dialled code
    except NotANumber as wrong:
        explained = {
            "country": _("We can't text numbers in that country."),
            "fixed": _("That number can't get texts. Please type a mobile number."),
            "service": _("That isn't a person's phone. Please type a mobile number."),
            "letters": _("Please type digits only, no letters."),
            "several": _("Please type one number at a time."),
            "extension": _("Please type only the number."),
        }
        text = explained.get(wrong.reason, _("That isn't a phone number. Type it like 0711000001."))
        raise InvalidReply(text) from None


def _asked_name(phone_session: PhoneSession) -> str:
    return phone_session.asked.name if phone_session.asked else ""


def _asked(question: Question | None) -> Asked | None:
    if isinstance(question, Ask):
        return Asked(question.name, choice=False, input_type=question.input_type, longest=question.longest)
    return Asked(question.name, choice=True, pin=question.pin) if question else None
