"""The caller's PIN: set, change or remove it, and a second PIN that opens an account with nothing in it."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import KeepPin, KeepSecondPin, MyPin, TakePinOff
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, InputType, Tell


def pin(caller: Caller) -> Flow:
    """Explain what a PIN is for and offer what can be done about it."""
    status = yield Do("pin", MyPin())
    if not status["on"]:
        text = _("With a PIN, nobody else can read or change anything here. You can send your text without it.")
        if (yield Choose("pin_wanted", text, {"no": _("Not now"), "yes": _("Set a PIN")})) == "yes":
            yield from _set_pin(second=False)
        else:
            yield Tell(_("Nothing was changed."))
        return
    second = _("Second PIN: on") if status["second"] else _("Second PIN: off")
    options = {"change": _("Another PIN"), "second": second, "off": _("Remove the PIN")}
    change = yield Choose("pin_change", "", options)
    if change == "change":
        yield from _set_pin(second=False)
    elif change == "off":
        yield Do("pin_off", TakePinOff())
        yield Tell(_("The PIN is removed."))
    else:
        yield from _second_pin(bool(status["second"]))


def _second_pin(on: bool) -> Flow:
    text = _("The second PIN opens an empty account, in case somebody makes you open it.")
    options = {"keep": _("Keep as it is"), "set": _("Set it")}
    if on:
        options["off"] = _("Remove it")
    change = yield Choose("second_change", text, options)
    if change == "set":
        yield from _set_pin(second=True)
    elif change == "off":
        yield Do("second_off", KeepSecondPin(""))
        yield Tell(_("The second PIN is removed."))
    else:
        yield Tell(_("Nothing was changed."))


def _set_pin(*, second: bool) -> Flow:
    hashed = yield Ask(
        "second_pin" if second else "new_pin", _("Type a PIN of 4 to 8 digits."), input_type=InputType.NEW_PIN
    )
    repeated = yield Ask("pin_again", _("Type it once more."), input_type=InputType.SAME_PIN)
    if repeated != "same":
        yield Tell(_("They were not the same. Nothing was changed."))
    elif second:
        yield Do("second_kept", KeepSecondPin(hashed))
        yield Tell(_("Saved."))
    else:
        yield Do("pin_kept", KeepPin(hashed))
        yield Tell(_("Saved. From now on the first screen looks like a newcomer's: type your PIN there."))
