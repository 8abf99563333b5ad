"""Texts about opting out and in, joining, roles, sign-in codes and PINs, and alerts to the operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from smsgate.core.i18n import _, language_now, say_day_of


def stopped(code: str) -> str:
    """To someone who texted STOP: the only confirmation."""
    return _(
        "You'll get no more texts. To start again text START. To erase everything text ERASE. Or dial {code}"
    ).format(code=code)


def stopped_and_taken_back(code: str) -> str:
    """The same if a help text was waiting to be sent: STOP takes it back."""
    return _(
        "You'll get no more texts, and what you sent was cancelled. To start again text START. Or dial {code}"
    ).format(code=code)


def what_this_is() -> str:
    """To a number whose first text to us is no keyword; names no group. The choice of languages follows."""
    return _("Groups send news of meetings from this number; to get no more texts, reply STOP.")


def nothing_asked(code: str) -> str:
    """To someone whose text answers no question."""
    return _(
        "We have no question for you now, and nobody reads texts here. For the menu text MENU or dial {code}"
    ).format(code=code)


def ask_stop() -> str:
    """To someone who may have meant STOP."""
    return _("Reply STOP to get no more texts. If that is not what you meant, there is nothing to do.")


def join_by_code(code: str) -> str:
    """To someone who asks to join a group by its name, if it is not in the directory or does not exist."""
    return _("To join a group, text JOIN and its code. To see groups, dial {code}").format(code=code)


def left_group(group: str) -> str:
    """To someone who texted STOP with a group's code: the confirmation."""
    return _("You have left {group}.").format(group=group)


def let_in(group: str, code: str) -> str:
    """To someone whose request to join was approved; `group` is "" to be discreet."""
    if group:
        return _("You're in {group} now. For its dates, or to leave, dial {code}").format(group=group, code=code)
    return _("The group you asked for has let you in. For its dates, or to leave, dial {code}").format(code=code)


def not_let_in(group: str, code: str) -> str:
    """To someone whose request to join was declined: kind, honest, without a reason; `group` is "" to be discreet."""
    if group:
        return _("{group} can't take you in for now. No reason is recorded. For other groups dial {code}").format(
            group=group, code=code
        )
    return _("The group you asked for can't take you in for now. No reason is recorded. For others dial {code}").format(
        code=code
    )


def closed_before(group: str, code: str) -> str:
    """To someone who asked to join a group that closed before it answered; `group` is "" to be discreet."""
    if group:
        return _("{group} has closed. For other groups dial {code}").format(group=group, code=code)
    return _("The group you asked for has closed. For others dial {code}").format(code=code)


def not_answered(group: str, code: str) -> str:
    """To someone who asked to join a group whose leaders did not answer in time; `group` is "" to be discreet."""
    if group:
        return _("{group} did not answer your request to join. To ask again, or for other groups, dial {code}").format(
            group=group, code=code
        )
    return _("The group you asked for did not answer. To ask again, or for other groups, dial {code}").format(code=code)


def started(code: str) -> str:
    """To someone who texted START: the confirmation."""
    return _("Texts are on again. For the menu text MENU or dial {code}").format(code=code)


def role_ends(until: datetime, code: str) -> str:
    """To a leader whose role ends within a month; names no group."""
    return _("Your role ends on {date}. To go on, hand it over or let it end, dial {code}").format(
        date=say_day_of(until.date().isoformat()), code=code
    )


def role_ended(code: str) -> str:
    """To a leader whose role was ended by someone else; names no group."""
    return _("Your role has ended. Thank you for what you did. Everything else stays as it is: dial {code}").format(
        code=code
    )


def account_short() -> str:
    """To the operator: the credit of the main gateway account is low."""
    return _("Text credit is low: please top it up. Until then only help texts are sent. The rest goes on by itself.")


def entries_set_aside() -> str:
    """To the operator: entries that could not be processed were set aside."""
    return _("Some entries could not be worked on and were set aside. Run smsgate failures to see which.")


def many_texts() -> str:
    """To the operator: strangers cause more texts than usual."""
    return _(
        "Strangers have used half of what they may cost in an hour. smsgate outbox shows more; smsgate pause stops it."
    )


def odd_callbacks() -> str:
    """To the operator: requests to the callbacks do not look like the provider's."""
    return _("Odd callbacks are coming in. If it isn't you, change SMSGATE_HOOK_TOKENS. The log says what they are.")


def second_account_short() -> str:
    """To the operator: the credit of the second account, on standby for help texts, is low."""
    return _("Text credit of the second account is low: please top it up, so that help texts have another way.")


def not_a_group(code: str) -> str:
    """To someone who texts STOP with the code of a group that they are not in."""
    return _("You're not in a group with code {code}. To stop all texts, text STOP.").format(code=code)


def asks_you(deep: str, word: str) -> str:
    """To members to whom a group sends a survey; names no group."""
    if word:
        return _("There are a few questions for you. To answer, or not: dial {code} or text {word}").format(
            code=deep, word=word
        )
    return _("There are a few questions for you. To answer, or not: dial {code}").format(code=deep)


def sign_in_code(code: str) -> str:
    """To someone who signs in to the console; names no group."""
    return _("{code} is your sign-in code, for 10 minutes. Nobody else needs it: don't tell anyone.").format(code=code)


def no_more_answers(code: str) -> str:
    """To a number that has used up its answers for the hour or the day; the last text until then."""
    return _("We can't answer more texts from this number for now. You can always dial {code}").format(code=code)


OfCode = Callable[[str], str]  # a text as a function of what to dial


def please_dial(code: str) -> str:
    """To someone who asks by SMS for something that a PIN guards."""
    return _("Please dial {code} for this.").format(code=code)


def leave_by_dialling(code: str) -> str:
    """To someone who texts STOP with the code of a group, while a PIN guards which groups they are in."""
    return _("To leave one group, please dial {code}. To stop all texts, text STOP.").format(code=code)


def change_asked(code: str) -> str:
    """To a phone whose PIN someone asked to remove; does not say so, since others may read it."""
    return _("Someone asked for a change. If it wasn't you, dial {code} and stop it.").format(code=code)


def change_made(code: str) -> str:
    """To a phone whose PIN was removed; does not say so, since others may read it."""
    return _("The change that was asked for is made. To check, dial {code}").format(code=code)


def pin_code(who: str, code: str) -> str:
    """To a responder of a member who forgot their PIN."""
    return _(
        "{who} asks for help to get in again. If you spoke with them and it is really them, tell them: {code}"
    ).format(who=who, code=code)


def joined(group: str, code: str) -> str:
    """To someone who joined a group by one text."""
    said = _("You've joined {group}. To leave text STOP {code}. {hints}")
    return said.format(group=group, code=code, hints=_hints())


def in_already(group: str, code: str) -> str:
    """To a member who texts the code of a group that they are in."""
    said = _("You're in {group}. To leave text STOP {code}. {hints}")
    return said.format(group=group, code=code, hints=_hints())


def asked_to_join(group: str) -> str:
    """To someone who asked by one text to join a group that approves newcomers."""
    return _("You have asked to join {group}. You'll get the answer by text. {hints}").format(
        group=group, hints=_hints()
    )


def _hints() -> str:
    """Return how to give a name, and how to change the language; each language by its own name in capitals."""
    others = {"en": "ENGLISH", "sw": "KISWAHILI", "fr": "FRANCAIS"}
    others.pop(language_now(), None)
    said = _("Your name: text NAME and the name. Languages: text {languages}.")
    return said.format(languages=", ".join(others.values()))


def name_kept(name: str) -> str:
    """To a member who texted a name."""
    return _("Saved. Your people see the name {name}.").format(name=name)


def name_too_long(longest: int) -> str:
    """To a member who texted a name that is too long."""
    return _("A name has at most {count} characters. Please text a shorter one.").format(count=longest)


def not_a_name() -> str:
    """To a member who texted a name with a number, code or address in it."""
    return _("A name can only have letters. Please type another.")


def language_kept(code: str) -> str:
    """To a member who texted the name of a language, in that language."""
    return _("From now on we write in English. For the menu dial {code}").format(code=code)
