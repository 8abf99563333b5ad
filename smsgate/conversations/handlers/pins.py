"""How the actions about PINs are done."""

from __future__ import annotations

from smsgate.conversations.handlers.context import Scene, perform, the_member
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import groups
from smsgate.members import pins


@perform.register
def _(action: actions.MyPin, scene: Scene) -> results.PinSeen:
    member = the_member(scene)
    pin = pins.pin_of(scene.session, member)
    if pin is None:
        return {"on": False, "second": False, "off": ""}
    off = pin.off_at.astimezone(groups.timezone_of(scene.session, member)).date().isoformat() if pin.off_at else ""
    return {"on": True, "second": pin.second is not None, "off": off}


@perform.register
def _(action: actions.KeepPin, scene: Scene) -> None:
    pins.set_pin(scene.session, the_member(scene), action.kept)


@perform.register
def _(action: actions.KeepSecondPin, scene: Scene) -> None:
    pins.set_second_pin(scene.session, the_member(scene), action.kept or None)


@perform.register
def _(action: actions.TakePinOff, scene: Scene) -> None:
    pins.remove_pin(scene.session, the_member(scene))


@perform.register
def _(action: actions.AskPinOff, scene: Scene) -> str:
    return pins.request_removal(scene.session, the_member(scene), scene.now, scene.code)


@perform.register
def _(action: actions.StopPinOff, scene: Scene) -> None:
    pins.cancel_removal(scene.session, the_member(scene))


@perform.register
def _(action: actions.SendPinCode, scene: Scene) -> bool:
    return pins.send_removal_code(scene.session, the_member(scene), scene.now)


@perform.register
def _(action: actions.UsePinCode, scene: Scene) -> bool:
    return pins.remove_with_code(scene.session, the_member(scene), action.typed, scene.now)
