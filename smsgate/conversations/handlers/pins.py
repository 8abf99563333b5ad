"""Performs the actions about PINs."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import groups
from smsgate.members import pins


@perform.register
def _(action: actions.MyPin, context: ActionContext) -> results.PinSeen:
    member = the_member(context)
    pin = pins.pin_of(context.session, member)
    if pin is None:
        return {"on": False, "second": False, "off": ""}
    off = pin.off_at.astimezone(groups.timezone_of(context.session, member)).date().isoformat() if pin.off_at else ""
    return {"on": True, "second": pin.second is not None, "off": off}


@perform.register
def _(action: actions.KeepPin, context: ActionContext) -> None:
    pins.set_pin(context.session, the_member(context), action.kept)


@perform.register
def _(action: actions.KeepSecondPin, context: ActionContext) -> None:
    pins.set_second_pin(context.session, the_member(context), action.kept or None)


@perform.register
def _(action: actions.TakePinOff, context: ActionContext) -> None:
    pins.remove_pin(context.session, the_member(context))


@perform.register
def _(action: actions.AskPinOff, context: ActionContext) -> str:
    return pins.request_removal(context.session, the_member(context), context.now, context.code)


@perform.register
def _(action: actions.StopPinOff, context: ActionContext) -> None:
    pins.cancel_removal(context.session, the_member(context))


@perform.register
def _(action: actions.SendPinCode, context: ActionContext) -> bool:
    return pins.send_removal_code(context.session, the_member(context), context.now)


@perform.register
def _(action: actions.UsePinCode, context: ActionContext) -> bool:
    return pins.remove_with_code(context.session, the_member(context), action.typed, context.now)
