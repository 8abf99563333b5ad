"""The shapes of what actions about one-to-one support return."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class CardSeen(TypedDict):
    """What the code of a card leads to; `standing` is matching.waiting.Standing."""

    id: int  # of the programme
    name: str
    words: str
    standing: str
    weeks: int | None  # until someone may be proposed, as it goes recently


class QuestionsSeen(TypedDict):
    """What a programme asks; languages, interests and areas by the number that is stored."""

    languages: list[str]
    interests: dict[str, str]
    counties: dict[str, str]  # areas without one above them
    towns: dict[str, dict[str, str]]  # by the county


class PlaceSeen(TypedDict):
    """A place on the waiting list."""

    place: int
    weeks: int | None


class MeetingOfTwoSeen(TypedDict):
    """A meeting of two; `when` is local, ISO; `place` is "" by phone."""

    id: int
    when: str
    place: str
    state: str  # models.MeetingState
    mine: bool  # proposed by the caller


class AskedOfTwo(TypedDict):
    """A proposal: who it is, and what they said that may be told."""

    id: int
    name: str
    about: list[str]
    agreed: bool  # the caller has said yes and waits for the other


class WalkSeen(TypedDict):
    """What a person has: `state` is models.SeekerState."""

    state: str
    place: int
    weeks: int | None
    proposal: AskedOfTwo | None
    match: int | None
    checked: bool
    reminders: str


class PeopleSeen(TypedDict):
    """What a supporter has in a programme."""

    id: int  # of the supporter
    programme: str
    until: str  # ISO date
    rests: bool
    room: int
    room_most: int
    reminders: str
    proposals: list[AskedOfTwo]
    people: dict[str, str]  # names by the id of the match


class MineSeen(TypedDict):
    """What the caller has in one-to-one support."""

    own: WalkSeen | None
    as_supporter: list[PeopleSeen]
    may_say: NotRequired[int]  # the match of which the caller may say how it was; 0: how it is, without one


class TwoSeen(TypedDict):
    """A match that walks, as one of the two sees it."""

    id: int
    name: str
    number: str  # "" unless both agreed
    may_share: bool
    shares: bool  # the caller agreed
    meetings: list[MeetingOfTwoSeen]
    to_note: list[MeetingOfTwoSeen]
    minutes: int  # as long as a meeting is meant to be
    texts: int  # that can be read
    check_in: int | None  # may be answered
    survey: NotRequired[str]


class CarriedSeen(TypedDict):
    """Words of the other; `at` is local, ISO."""

    at: str
    words: str
