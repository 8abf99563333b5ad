"""What a person sees of their help: what they prepared, how a request stands, whom they chose."""

from __future__ import annotations

from typing import TypedDict


class ResponderSeen(TypedDict):
    """A chosen person as the member sees them."""

    id: int
    name: str
    agreed: str  # models.Agreed, or unreachable, resting, gone
    text: int  # which of the member's texts they get; 0: the first


class AskedSeen(TypedDict):
    """Somebody who was asked in a help request; `at` is a local time of day, or ""."""

    name: str
    state: str  # answered, declined, delivered, sent, going, unsent
    at: str


class RequestSeen(TypedDict):
    """An open help request: the truth about it; times are local times of day."""

    at: str
    practice: bool
    leaves_in: int  # seconds in which it can be taken back
    people: list[AskedSeen]
    next: str  # help_plan.Step, or ""
    next_at: str


class HelpTextSeen(TypedDict):
    """One of a member's texts, and the beginning of it."""

    id: int
    words: str
    short: str


class PlanSeen(TypedDict):
    """All that sending depends on."""

    words: str
    texts: list[HelpTextSeen]
    agreed: int  # people whom it would reach now
    asked: int
    resting: int  # who agreed and cannot be reached now
    recent: int  # help requests in the last hour
    then: bool  # with nobody to reach, there is still somebody who leads a group
    open: RequestSeen | None


class HelpPlanSeen(TypedDict):
    """All that a member prepared."""

    texts: list[HelpTextSeen]
    helps: str
    hinders: str
    avoid: str
    then: str  # words of help_plan.Step
    minutes: int
    pause: int  # seconds
    word: str
    rings: bool
    look_again: bool
    agreed: int  # people whom a practice would reach now


class RaisedSeen(TypedDict):
    """A help text that was sent: to how many, and in how many seconds it leaves."""

    people: int
    seconds: int
    later: bool  # nobody of the member's people can be reached; what comes next comes at once


class LeaderSeen(TypedDict):
    """Who leads a group of the caller's and agreed that members may turn to them."""

    id: int
    name: str


class PinSeen(TypedDict):
    """Whether a PIN and a second one are set; `off` is a local date in ISO form where it was asked to go off, or ""."""

    on: bool
    second: bool
    off: str


class NeverSeen(TypedDict):
    """A number to which nothing of the caller's goes."""

    id: int
    number: str


class ChoiceSeen(TypedDict):
    """Somebody who named the caller as a responder."""

    id: int
    name: str
    agreed: str
    needs_answer: bool
