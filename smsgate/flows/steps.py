"""The vocabulary of a flow: Tell, Ask, Choose, Do and Home. A flow reads like the dialogue it describes.

    def check_in(caller: Caller) -> Flow:
        mood = yield Choose("mood", _("How are you today?"), {"good": _("Good"), "low": _("Not so good")})
        yield Tell(_("Thank you."))

Answers are remembered by the name of their step, so a step whose meaning changes gets a new name.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class InputType(StrEnum):
    """The kind of input that an Ask accepts."""

    WORDS = "words"
    NUMBER = "number"  # a phone number, local or international
    CODE = "code"  # at most 8 digits: a code or a count
    NAME = "name"  # what someone wants to be called: no number, code or address
    NEW_PIN = "new_pin"  # a PIN to set; only its hash is remembered
    SAME_PIN = "same_pin"  # the PIN repeated; "same" or "other" is remembered


OPEN, EMPTY = "open", "empty"  # how the PIN, and the second PIN, are remembered
OPENED = (OPEN, EMPTY)


class Action:
    """Something done outside the flow. `samples` are its possible results, used by the walker."""

    changes: ClassVar[bool] = False  # True if it has effects: `0 Back` never crosses it
    samples: ClassVar[tuple[Any, ...]] = (None,)

    @property
    def code_guessed(self) -> str | None:
        """The code that this action looks up, if any: wrong ones are limited. Its result is None if nothing has it."""
        return None

    @property
    def is_last_look(self) -> bool:
        """True if this is the last action to look up the code: only the last one counts a wrong code."""
        return True


@dataclass(frozen=True)
class Tell:
    """Say something and go on."""

    text: str


@dataclass(frozen=True)
class Ask:
    """Wait for typed words of at most `longest` characters.

    `skip` is the label of key 1, which answers ""; with None the question cannot be skipped.
    """

    name: str
    text: str
    input_type: InputType = InputType.WORDS
    longest: int = 160
    skip: str | None = None


@dataclass(frozen=True)
class Choose:
    """Wait for one of `options`, a mapping of meaning to label; the flow receives the meaning.

    With `pin`, a PIN may be typed instead. The PIN is never remembered, only what it opened: one of OPENED.
    """

    name: str
    text: str
    options: Mapping[str, str]
    pin: bool = False


@dataclass(frozen=True)
class Do:
    """Request `action`, performed once per session and name; the flow receives its result."""

    name: str
    action: Action


@dataclass(frozen=True)
class Home:
    """Start again at the first screen."""


Question = Ask | Choose
Flow = Generator[Tell | Ask | Choose | Do | Home, Any, None]


@dataclass(frozen=True)
class Caller:
    """Who is calling: a snapshot taken when the session began."""

    language: str | None = None
    member: bool = False
    stopped: bool = False  # opted out: sent STOP and no START since
    chosen: bool = False  # someone chose them as a responder
    leads: bool = False  # is a leader: has a role in a group
    walks: bool = False  # asked for someone to walk with, or walks with people
    asked_for_help: bool = False  # has an open help request
    allow: str = ""  # the network's code that lets our texts through again, if the operator configured one
    blocked: bool = False  # the network reports that it blocks our texts, and the caller has not been told yet
    pin: bool = False  # a PIN guards what this member may read and change
    doubted: bool = False  # the number may have been reassigned to someone else
    by_text: bool = False  # by SMS: the texts stay on the phone and with the network
    start: str = "menu"  # the menu entry to begin at
    coming: str = ""  # yes, no or maybe, texted in answer to one of several reminders
    flow: int = 0  # the id of the survey that was asked for by SMS
    seeks: str = ""  # the place or group that was asked for by SMS
    code: str = ""  # the code that was dialled or texted, usually a group's
    service_code: str = ""
    wording: int = 0  # the version of a group's custom texts; 0: the texts of the service
    asked_in: str | None = None  # the language in which they were asked to be a responder

    @property
    def spoken(self) -> str | None:
        """The language to use with them: their own, else the one in which they were asked."""
        return self.language or self.asked_in


PinGate = Generator[Tell | Ask | Choose | Do | Home, Any, Caller | None]  # returns the caller who goes on, or None
