"""The vocabulary of a flow: Tell, Ask, Choose, Do, Home. A flow reads as the dialogue that it is.

    def check_in(caller: Caller) -> Flow:
        mood = yield Choose("mood", _("How are you today?"), {"good": _("Good"), "low": _("Not so good")})
        yield Tell(_("Thank you."))

Names are remembered with their answers, so a changed meaning gets a new name.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class InputType(StrEnum):
    """What an Ask waits for."""

    WORDS = "words"
    NUMBER = "number"  # a phone number, local or international
    CODE = "code"  # a group's code
    NEW_PIN = "new_pin"  # a PIN to be set: only its hash is remembered
    SAME_PIN = "same_pin"  # once more: "same" or "other" is remembered


OPEN, EMPTY = "open", "empty"  # what a right PIN, and a second PIN, is remembered as
OPENED = (OPEN, EMPTY)


class Action:
    """Something that happens outside the flow; `samples` are its possible results, for the walker."""

    changes: ClassVar[bool] = False  # True: `0 Back` never crosses it
    samples: ClassVar[tuple[Any, ...]] = (None,)


@dataclass(frozen=True)
class Tell:
    """Say something and go on."""

    text: str


@dataclass(frozen=True)
class Ask:
    """Wait for typed words, at most `longest` characters; `skip` is the label of key 1 where one may skip ("")."""

    name: str
    text: str
    input_type: InputType = InputType.WORDS
    longest: int = 160
    skip: str | None = None


@dataclass(frozen=True)
class Choose:
    """Wait for one of `options`: what it means, to how it is called. The flow gets the meaning.

    With `pin` a PIN may be typed instead; what is remembered of it is what it opens, one of OPENED.
    """

    name: str
    text: str
    options: Mapping[str, str]
    pin: bool = False


@dataclass(frozen=True)
class Do:
    """Have `action` done, once for a phone's session and this name; the flow gets its result."""

    name: str
    action: Action


@dataclass(frozen=True)
class Home:
    """Begin again at the first screen."""


Question = Ask | Choose
Flow = Generator[Tell | Ask | Choose | Do | Home, Any, None]


@dataclass(frozen=True)
class Caller:
    """Who is on the line, as they were when the session began."""

    language: str | None = None
    member: bool = False
    stopped: bool = False  # said STOP and not START since
    chosen: bool = False  # somebody named them as a responder
    leads: bool = False  # has a role in a group
    asked_for_help: bool = False  # a help request of theirs is open
    allow: str = ""  # what is dialled at the network to let our texts through, where the operator told it
    blocked: bool = False  # the network says that this number blocks our texts, and was not told so yet
    pin: bool = False  # a PIN guards what this member may read and change
    doubted: bool = False  # the number may have changed hands
    by_text: bool = False  # an SMS, which stays on the phone and with the network
    start: str = "menu"  # a room of the menu to begin in
    flow: int = 0  # of a group's own, which was texted for
    code: str = ""  # the group's code that was dialled or texted
    service_code: str = ""
    wording: int = 0  # the version of a group's own words for what is said; 0: the service's


PinGate = Generator[Tell | Ask | Choose | Do | Home, Any, Caller | None]  # who goes on from here, if anybody
