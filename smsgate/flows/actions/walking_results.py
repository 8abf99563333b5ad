"""The shapes of what actions about one-to-one support return."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class CardSeen(TypedDict):
    """What the code of a card leads to; `standing` is matching.waiting.Standing."""

    id: int  # of the programme
    name: str
    words: str
    standing: str
    weeks: int | None  # until someone may be proposed, at the recent pace


class QuestionsSeen(TypedDict):
    """What a programme asks; interests and areas are keyed by the number that is stored."""

    languages: list[str]
    interests: dict[str, str]
    counties: dict[str, str]  # areas without a parent
    towns: dict[str, dict[str, str]]  # by county


class PlaceSeen(TypedDict):
    """A place on the waiting list."""

    place: int
    weeks: int | None


class MeetingOfTwoSeen(TypedDict):
    """A meeting of two; `when` is local ISO time, `place` is "" for a call."""

    id: int
    when: str
    place: str
    state: str  # models.MeetingState
    mine: bool  # proposed by the caller


class AskedOfTwo(TypedDict):
    """A proposal: who it is, and what may be told of what they said."""

    id: int
    name: str
    about: list[str]
    agreed: bool  # the caller has said yes and waits for the other


class WalkSeen(TypedDict):
    """What a person has in a programme; `state` is models.SeekerState."""

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
    may_say: NotRequired[int]  # the match that the caller may give feedback on; 0: on how it is without one


class TwoSeen(TypedDict):
    """A match under way, as one of the two sees it."""

    id: int
    name: str
    number: str  # "" unless both agreed
    may_share: bool
    shares: bool  # the caller agreed
    meetings: list[MeetingOfTwoSeen]
    to_note: list[MeetingOfTwoSeen]
    minutes: int  # the usual length of a meeting
    texts: int  # how many can be read
    check_in: int | None  # the id of one that may be answered
    survey: NotRequired[str]


class CarriedSeen(TypedDict):
    """Words of the other; `at` is local ISO time."""

    at: str
    words: str
