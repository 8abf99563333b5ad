"""What members may ask to have done about their PIN. A PIN itself is never in an action: its hash is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from smsgate.flows.steps import Action


@dataclass(frozen=True)
class MyPin(Action):
    """Whether a PIN is set, and a second one; `off` is a date in ISO form where it was asked to go off: a PinSeen."""

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
    """Set the second PIN; `kept` is its hash, "" for none."""

    kept: str = field(repr=False)
    changes: ClassVar = True


@dataclass(frozen=True)
class TakePinOff(Action):
    """No PIN any more."""

    changes: ClassVar = True


@dataclass(frozen=True)
class AskPinOff(Action):
    """It was forgotten: off in three days; asked, before or closed."""

    changes: ClassVar = True
    samples: ClassVar = ("asked", "before", "closed")


@dataclass(frozen=True)
class StopPinOff(Action):
    """The PIN stays after all."""

    changes: ClassVar = True


@dataclass(frozen=True)
class SendPinCode(Action):
    """Give a code to the people who agreed; False where that is not possible now."""

    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class UsePinCode(Action):
    """The code of a responder takes the PIN off; False where it is not right."""

    typed: str = field(repr=False)
    changes: ClassVar = True
    samples: ClassVar = (True, False)
