"""The shapes of the results of actions: plain JSON, with no more in it than the caller may read."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from smsgate.flows.actions.help_results import *  # noqa: F403


class GroupSeen(TypedDict):
    """A group as a member or a stranger may see it."""

    id: int
    name: str
    by_approval: NotRequired[bool]  # a leader says yes or no to each request to join
    standing: NotRequired[str]  # of the caller: "in", "asked" to join, or ""


class DirectorySeen(TypedDict):
    """The ways in which groups of the directory can be found."""

    areas: bool
    languages: bool
    by_phone: bool


class AreaSeen(TypedDict):
    """A county, a town or a language with groups; `all`: a county with every town of it."""

    id: int
    name: str
    all: bool


class PlaceSeen(TypedDict):
    """A county or a town, with the number of its groups, and of its towns that have any."""

    id: int
    name: str
    groups: int
    towns: int


class ListedSeen(TypedDict):
    """A group of the directory; `next` is the local start of its next meeting in ISO form, "" if it shows none."""

    id: int
    name: str
    next: str


class FoundSeen(TypedDict):
    """What is found by first letters; `groups` leaves out those in the areas found."""

    areas: list[AreaSeen]
    groups: list[ListedSeen]


class SaidSeen(TypedDict):
    """What a group says of itself in the directory; empty where it says nothing. `next` is local, in ISO form."""

    area: str
    by_phone: bool
    languages: list[str]
    open_to: list[str]
    meets: str
    next: str
    place: str


class PageSeen(GroupSeen, SaidSeen):
    """A group of the directory, with what it says of itself."""


class AskerSeen(TypedDict):
    """Someone who asks to join a group; `name` is the one they chose, or ""."""

    id: int
    name: str


class LedSeen(GroupSeen):
    """A group that the caller leads; `until` is an ISO date."""

    role: str  # models.Role
    until: str
    ends_soon: bool
    takes_help: bool  # members may choose the caller for when nobody else answers


class RoleSeen(TypedDict):
    """Someone with a role in a group; `name` is the one they chose, or else the end of their number."""

    id: int
    name: str
    role: str
    until: str
    mine: bool


class OtherLeaderSeen(TypedDict):
    """A leader of another group who lets other leaders see this."""

    id: int
    name: str
    group: str
    area: str


class LeaderNoticeSeen(TypedDict):
    """A notice from the network to all leaders; `at` is an ISO date."""

    at: str
    words: str


class OtherLeadersSeen(TypedDict):
    """What a leader sees of the network's other leaders; `on`: on the list; `named`: has chosen a name."""

    on: bool
    named: bool
    leaders: list[OtherLeaderSeen]
    notices: list[LeaderNoticeSeen]


class OfferSeen(TypedDict):
    """A role on offer to anyone with its code."""

    group: str
    role: str


class EntrySeen(TypedDict):
    """An entry of the audit log of a group; `at` is an ISO date."""

    at: str
    who: str
    what: str


class MeetingSeen(TypedDict):
    """A meeting; `when` is local ISO time.

    `place` is empty where the group keeps it to itself, and `minutes` is 0 where the length is unknown.
    """

    id: int
    group: str
    when: str
    place: str
    topic: str
    minutes: int
    coming: str  # yes, no, maybe, or empty


class RemindedSeen(TypedDict):
    """Reminder times in a group: `theirs` are the group's, `mine` the caller's, such as "1d 2h"; "" for none."""

    id: int
    name: str
    theirs: str
    mine: str | None  # None: the group's apply


class RemindersSeen(TypedDict):
    """The caller's reminder times; `on` is False if they switched reminders off for all groups."""

    on: bool
    groups: list[RemindedSeen]


class ExpectedSeen(TypedDict):
    """How many replied to a coming meeting, for leaders; `when` is local ISO time."""

    id: int
    when: str
    yes: int
    maybe: int
    no: int
    names: list[str]  # of people coming who let their name be seen


class OverSeen(TypedDict):
    """A meeting that has begun, for leaders; `when` is local ISO time, `attended` None until it is recorded."""

    id: int
    when: str
    attended: int | None


class NewsSeen(TypedDict):
    """A notice as members read it; `at` is local ISO time."""

    at: str
    words: str


class KeptSeen(TypedDict):
    """How much is stored about a person."""

    name: str
    groups: int
    people: int
    words: bool
    texts: int


class LeadNewsSeen(TypedDict):
    """What waits for the leaders of a group."""

    sent: bool  # there are notices whose status can be shown
    agree: int  # notices that wait for a second approver
    replies: int  # unread replies
    planned: bool  # a meeting is planned
    over: bool  # there is a meeting whose attendance can be recorded
    asked: NotRequired[int]  # open requests to join


class ChoicesSeen(TypedDict):
    """The audiences that a notice to a group may have."""

    coming: bool  # a meeting is planned
    languages: list[str]


class PricedSeen(TypedDict):
    """A notice before it is sent; `leaves` is the local ISO time to which quiet hours put it off, or ""."""

    wrong: str  # the number of characters over the limit; "role" if the author no longer has one; else ""
    odd: str  # the first expensive character, or ""
    medical: str  # the first word that sounds medical, or ""
    order: str  # the first words that sound like an order, or ""
    parts: str  # SMS each, "1" or "1-2"
    people: int
    price: str  # "" where it is unknown
    leaves: str


class MomentSeen(TypedDict):
    """A typed time: why it is refused, or `at` in UTC and `local`, both in ISO form."""

    wrong: str
    at: str
    local: str


class SentSeen(TypedDict):
    """What became of a notice; `leaves` is local ISO time, or "" for now."""

    outcome: str  # notices.approval.ApprovalResult
    people: int
    leaves: str


class NoticeSeen(TypedDict):
    """A notice of a group; `when` is local ISO time."""

    id: int
    when: str
    stage: str  # models.NoticeStatus


class HowFarSeen(NoticeSeen):
    """The delivery status of a notice: its texts by status, and what they cost so far."""

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
    """A notice that waits for a second approver."""

    parts: str
    people: int
    price: str
    words: str


class ReplySeen(TypedDict):
    """A reply to a notice; `at` is local ISO time."""

    id: int
    at: str
    words: str
