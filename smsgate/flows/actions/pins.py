"""Actions about the PIN of a member. They never hold a PIN to be set, only its hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from smsgate.flows.steps import Action


@dataclass(frozen=True)
class MyPin(Action):
    """Load whether a PIN and a second one are set, and whether removal was requested. Result: PinSeen."""

    samples: ClassVar = (
        {"on": False, "second": False, "off": ""},
        {"on": True, "second": False, "off": ""},
        {"on": True, "second": True, "off": "2026-09-23"},
    )


@dataclass(frozen=True)
class KeepPin(Action):
    """Set the PIN; `kept` is its hash."""

    kept: str = field(repr=False)
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepSecondPin(Action):
    """Set the second PIN; `kept` is its hash, "" to remove it."""

    kept: str = field(repr=False)
    changes: ClassVar = True


@dataclass(frozen=True)
class TakePinOff(Action):
    """Remove the PIN."""

    changes: ClassVar = True


@dataclass(frozen=True)
class AskPinOff(Action):
    """Request removal of a forgotten PIN, due in three days. Result: asked, before or closed."""

    changes: ClassVar = True
    samples: ClassVar = ("asked", "before", "closed")


@dataclass(frozen=True)
class StopPinOff(Action):
    """Cancel a requested removal: the PIN stays."""

    changes: ClassVar = True


@dataclass(frozen=True)
class SendPinCode(Action):
    """Text a removal code to the responders who agreed. Result: False if that is not possible now."""

    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class UsePinCode(Action):
    """Remove the PIN with a code that a responder got. Result: False if the code is wrong."""

    typed: str = field(repr=False)
    changes: ClassVar = True
    samples: ClassVar = (True, False)
