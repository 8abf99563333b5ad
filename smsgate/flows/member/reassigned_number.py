"""Asks whether the number was reassigned, with one question that reveals nothing about its previous holder."""

from __future__ import annotations

from dataclasses import replace

from smsgate.core.i18n import SOURCE, _, speak
from smsgate.flows.actions import ResolveReassignment
from smsgate.flows.steps import Caller, Choose, Do, PinGate


def ask_if_same_holder(caller: Caller) -> PinGate:
    """Return the caller as known, or a stranger if the number is new to them."""
    text = _("Have you had this phone number for half a year or longer?")
    same_holder = (yield Choose("mine", text, {"yes": _("Yes"), "no": _("No, it is new to me")})) == "yes"
    yield Do("doubt_settled", ResolveReassignment(same_holder))
    if same_holder:
        return replace(caller, doubted=False)
    speak(SOURCE)
    return Caller(code=caller.code, service_code=caller.service_code, by_text=caller.by_text)
