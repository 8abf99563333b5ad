"""What a member with a PIN sees first: the first screen of a stranger, then the PIN, or sending without it.

Anyone who picks up the phone sees what everybody sees. Sending a help text needs no PIN: the key of a language, then 1,
then the key that sends.
"""

from __future__ import annotations

from dataclasses import replace

from smsgate.core.i18n import LANGUAGES, SOURCE, _, say_short_day_of, speak
from smsgate.flows.actions import AskPinOff, MyPin, ResolveReassignment, SendPinCode, StopPinOff, UsePinCode
from smsgate.flows.help import send
from smsgate.flows.member.reassigned_number import ask_if_same_holder
from smsgate.flows.steps import EMPTY, OPENED, Ask, Caller, Choose, Do, Flow, InputType, PinGate, Tell

WELCOME = "Welcome / Karibu / Bienvenue"  # in every language at once


def admit(caller: Caller) -> PinGate:
    """Return the caller who may go on, or None if they did not get in. Nothing personal is shown before the PIN."""
    speak(SOURCE)
    answer = yield Choose("language", WELCOME, LANGUAGES, pin=True)
    if answer not in OPENED:
        speak(answer)
        if caller.doubted:
            admitted = yield from ask_if_same_holder(caller)
            if admitted is None or not admitted.member:
                return admitted
        options = {"send": _("Send my text"), "forgot": _("I forgot it")}
        answer = yield Choose("locked", _("Type your PIN, or:"), options, pin=True)
    if answer == "send":
        yield from send.without_pin()
        return None
    if answer == "forgot":
        yield from _forgotten()
        return None
    speak(caller.language)
    if answer == EMPTY:
        return _newcomer(caller)
    if caller.doubted:
        yield Do("doubt_settled", ResolveReassignment(True))  # anyone who knows the PIN is the one who set it
    yield from _warn_of_removal()
    return replace(caller, pin=False, doubted=False)


def _newcomer(caller: Caller) -> Caller:
    """Return a caller who has just joined and has nothing yet: the account that the second PIN opens.

    What is of the number stays: whoever sent STOP from it would look for that.
    """
    return Caller(
        language=caller.language, member=True, code=caller.code, service_code=caller.service_code,
        stopped=caller.stopped, blocked=caller.blocked, allow=caller.allow,
    )  # fmt: skip


def _warn_of_removal() -> Flow:
    """Tell the owner that someone asked for the PIN to be removed, and offer to stop that."""
    status = yield Do("my_pin", MyPin())
    if not status["off"]:
        return
    warning = _("Someone with this phone asked to remove your PIN. It will be removed on {date}.")
    question = warning.format(date=say_short_day_of(status["off"]))
    if (yield Choose("off_asked", question, {"stop": _("Stop it"), "go": _("It was me")})) == "stop":
        yield Do("off_stopped", StopPinOff())
        yield Tell(_("Your PIN stays."))


def _forgotten() -> Flow:
    options = {
        "people": _("With one of my people"),
        "wait": _("After 3 days"),
        "code": _("I have the code"),
    }
    way = yield Choose("forgot", _("How do you want to remove the PIN?"), options)
    if way == "people":
        sent = yield Do("code_sent", SendPinCode())
        yield Tell(
            _("Your people got a code. Call one of them, dial again within a day and type it.")
            if sent
            else _("That isn't possible right now.")
        )
    elif way == "wait":
        asked = yield Do("off_wanted", AskPinOff())
        yield Tell(
            {
                "asked": _("It will be removed in 3 days. You get a text each day. Anyone with the PIN can stop it."),
                "before": _("That was already asked. You get a text each day."),
                "closed": _("That isn't possible right now."),
            }[asked]
        )
    else:
        typed = yield Ask("off_code", _("Type the code."), input_type=InputType.CODE)
        right = yield Do("code_used", UsePinCode(typed))
        yield Tell(_("The PIN is removed. Dial again.") if right else _("That is not the code."))
