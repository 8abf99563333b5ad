"""Results of the actions about help: what was prepared, the status of a request, the responders."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ResponderSeen(TypedDict):
    """A responder as the member sees them."""

    id: int
    name: str
    agreed: str  # models.ResponderStatus, or unreachable, resting, gone
    text: int  # the id of the text that they get; 0: the first


class AskedSeen(TypedDict):
    """A recipient of a help request; `at` is a local time of day, or ""."""

    name: str
    state: str  # help.state_tables.PersonState, or left
    at: str


class RequestSeen(TypedDict):
    """The status of an open help request; times are local times of day."""

    at: str
    practice: bool
    leaves_in: int  # seconds left in which it can be taken back
    people: list[AskedSeen]
    next: str  # help.plan.EscalationStep, or ""
    next_at: str


class HelpTextSeen(TypedDict):
    """One of a member's texts, whole and shortened."""

    id: int
    words: str
    short: str


class PlanSeen(TypedDict):
    """Everything that sending depends on."""

    words: str
    texts: list[HelpTextSeen]
    agreed: int  # responders whom it would reach now
    asked: int
    resting: int  # responders who agreed and cannot be reached now
    recent: int  # help requests in the last hour
    then: bool  # with no responder to reach, there is still a leader to ask
    open: RequestSeen | None


class HelpPlanSeen(TypedDict):
    """Everything that a member prepared."""

    texts: list[HelpTextSeen]
    helps: str
    hinders: str
    avoid: str
    then: str  # values of help.plan.EscalationStep, separated by spaces
    minutes: int
    pause: int  # seconds
    word: str
    rings: bool
    look_again: bool
    agreed: int  # responders whom a practice would reach now
    practice: RequestSeen | None  # the open practice
    leader: bool  # the chosen backup leader may be asked now


class RaisedSeen(TypedDict):
    """A help request just raised: how many people it goes to, and in how many seconds."""

    people: int
    seconds: int
    spent: NotRequired[bool]  # no practices left today
    later: bool  # no responder can be reached, so the next step of the plan follows at once


class LeaderSeen(TypedDict):
    """A leader of one of the caller's groups who agreed to be asked for help."""

    id: int
    name: str


class PinSeen(TypedDict):
    """Whether a PIN and a second one are set; `off` is the local ISO date of a requested removal, or ""."""

    on: bool
    second: bool
    off: str


class NeverSeen(TypedDict):
    """A number on the caller's do-not-contact list."""

    id: int
    number: str


class AskedNow(TypedDict):
    """Whether a help text waits for the caller's answer or has been answered, and whether it is only a practice."""

    needs_answer: bool
    on_it: NotRequired[bool]  # they said that they are on it
    practice: NotRequired[bool]


class ChoiceSeen(AskedNow):
    """A member who chose the caller as a responder."""

    id: int
    name: str
    agreed: str
