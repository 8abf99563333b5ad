"""What the results of actions look like: plain JSON, as a person may see it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from smsgate.flows.actions.help_results import *  # noqa: F403


class GroupSeen(TypedDict):
    """A group as a member or a stranger may see it."""

    id: int
    name: str
    by_approval: NotRequired[bool]  # who leads says yes or no to who asks to join


class AskerSeen(TypedDict):
    """Somebody who asks to join a group; `name` as they chose it, "" for none."""

    id: int
    name: str


class LedSeen(GroupSeen):
    """A group that the caller leads; `until` is a date in ISO form."""

    role: str  # models.Role
    until: str
    ends_soon: bool
    takes_help: bool  # members may turn to the caller when nobody else answers


class RoleSeen(TypedDict):
    """Somebody who has a role in a group; `name` as they chose it, else the end of their number."""

    id: int
    name: str
    role: str
    until: str
    mine: bool


class OfferSeen(TypedDict):
    """A role that waits for whoever has its code."""

    group: str
    role: str


class EntrySeen(TypedDict):
    """One line of a group's log; `at` is a date in ISO form."""

    at: str
    who: str
    what: str


class MeetingSeen(TypedDict):
    """A meeting; `when` is local ISO time, `place` empty where the group keeps it to itself, `minutes` 0: unknown."""

    id: int
    group: str
    when: str
    place: str
    topic: str
    minutes: int
    coming: str  # yes, no, maybe, or empty


class RemindedSeen(TypedDict):
    """A group of the caller, and how long before meetings reminders come; as `1d 2h`, "" for never."""

    id: int
    name: str
    theirs: str
    mine: str | None  # None: as the group has them


class RemindersSeen(TypedDict):
    """The caller's reminders; `on` is False where they have none anywhere."""

    on: bool
    groups: list[RemindedSeen]


class ExpectedSeen(TypedDict):
    """A meeting to come, for who leads the group; `when` is local ISO time."""

    id: int
    when: str
    yes: int
    maybe: int
    no: int
    names: list[str]  # of those who come and let it be seen


class OverSeen(TypedDict):
    """A meeting that has begun, for who leads the group; `when` is local ISO time."""

    id: int
    when: str
    attended: int | None


class NewsSeen(TypedDict):
    """A notice as a member reads it; `at` is local ISO time."""

    at: str
    words: str


class KeptSeen(TypedDict):
    """How much is kept about a person."""

    name: str
    groups: int
    people: int
    words: bool
    texts: int


class LeadNewsSeen(TypedDict):
    """What waits for who leads a group."""

    sent: bool  # notices that can be looked at
    agree: int  # notices that wait for a second person
    replies: int  # that nobody read yet
    planned: bool  # a meeting is to come
    over: bool  # a meeting can be counted
    asked: NotRequired[int]  # people who ask to join


class ChoicesSeen(TypedDict):
    """To whom in a group a notice may go."""

    coming: bool  # a meeting is planned
    languages: list[str]


class PricedSeen(TypedDict):
    """A notice before it is sent; `leaves` is local ISO time where it waits for the end of quiet hours, else ""."""

    wrong: str  # too long, in characters over; `role` where the writer has none any more; else ""
    odd: str  # the first character that makes it dearer, or ""
    medical: str  # the first word that sounds medical, or ""
    order: str  # the first words that sound like an order, or ""
    parts: str  # SMS each, "1" or "1-2"
    people: int
    price: str  # "" where nobody knows it
    leaves: str


class MomentSeen(TypedDict):
    """A time as somebody typed it: why it cannot be, or `at` in UTC and `local`, both in ISO form."""

    wrong: str
    at: str
    local: str


class SentSeen(TypedDict):
    """What became of a notice; `leaves` is local ISO time, "" for now."""

    outcome: str  # drafts.Outcome
    people: int
    leaves: str


class NoticeSeen(TypedDict):
    """A notice of a group; `when` is local ISO time."""

    id: int
    when: str
    stage: str  # models.Stage


class HowFarSeen(NoticeSeen):
    """How many of its texts stand where, and what they cost until now."""

    waiting: int
    sent: int
    delivered: int
    failed: int
    too_late: int
    unknown: int
    stopped: int
    cost: str
    words: str


class ToAgreeSeen(NoticeSeen):
    """A notice that waits for a second person."""

    parts: str
    people: int
    price: str
    words: str


class ReplySeen(TypedDict):
    """What somebody wrote back to a notice; `at` is local ISO time."""

    id: int
    at: str
    words: str
