"""Actions of leaders about notices and the replies to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.results import HowFarSeen, NoticeSeen, PricedSeen, ReplySeen, SentSeen, ToAgreeSeen
from smsgate.flows.steps import Action

WHEN = "2026-09-23T14:00:00"
LONGEST_NOTICE = "We meet on Wednesday at two, in the hall beside the market. Bring a cup. " * 4


def _priced(**changed: Any) -> PricedSeen:  # noqa: ANN401 - JSON
    priced: PricedSeen = {
        "wrong": "", "odd": "", "medical": "", "order": "", "parts": "1-4", "people": 10_000,
        "price": "KES 123456.80", "leaves": WHEN,
    }  # fmt: skip
    return {**priced, **changed}  # type: ignore[typeddict-item]


def _sent(outcome: str, leaves: str = "") -> SentSeen:
    return {"outcome": outcome, "people": 10_000, "leaves": leaves}


def _notices(count: int) -> list[NoticeSeen]:
    return [
        {"id": n, "when": WHEN, "stage": ("going", "timed", "asked", "dropped")[n % 4]} for n in range(1, count + 1)
    ]


def _far(stage: str, waiting: int) -> HowFarSeen:
    return {
        "id": 1, "when": WHEN, "stage": stage, "waiting": waiting, "sent": 10_000, "delivered": 10_000,
        "failed": 10_000, "too_late": 10_000, "unknown": 10_000, "stopped": 10_000,
        "cost": "KES 123456.80", "words": LONGEST_NOTICE,
    }  # fmt: skip


_TO_AGREE: list[ToAgreeSeen] = [
    {"id": n, "when": WHEN, "stage": "asked", "parts": "4", "people": 10_000, "price": "KES 123456.80",
     "words": LONGEST_NOTICE} for n in (1, 2)
]  # fmt: skip
_REPLY: ReplySeen = {"id": 1, "at": WHEN, "words": LONGEST_NOTICE}


@dataclass(frozen=True)
class LeadNews(Action):
    """Load what waits for the leaders of a group. Result: LeadNewsSeen."""

    group_id: int
    samples: ClassVar = ({"sent": True, "agree": 12, "replies": 999, "planned": True, "over": True, "asked": 50},)


@dataclass(frozen=True)
class NoticeChoices(Action):
    """Load the audiences that a notice to a group may have. Result: ChoicesSeen."""

    group_id: int
    samples: ClassVar = ({"coming": False, "languages": ["en"]}, {"coming": True, "languages": ["en", "sw", "fr"]})


@dataclass(frozen=True)
class PriceNotice(Action):
    """Price a notice before it is submitted. Result: PricedSeen."""

    group_id: int
    words: str
    audience: str
    language: str
    samples: ClassVar = (
        _priced(), _priced(people=3, price="", leaves="", medical="x" * 25, order="you must"),
        _priced(odd="x", people=3, price="KES 25.60"),
        _priced(people=0), _priced(wrong="12"), _priced(wrong="role"),
    )  # fmt: skip


@dataclass(frozen=True)
class ReadMoment(Action):
    """Parse a time as it was typed. Result: MomentSeen."""

    group_id: int
    typed: str
    samples: ClassVar = (
        {"wrong": "", "at": WHEN, "local": WHEN}, {"wrong": "skipped", "at": "", "local": ""},
        {"wrong": "unreadable", "at": "", "local": ""},
    )  # fmt: skip


@dataclass(frozen=True)
class Sending(Action):
    """Base of the actions that send a confirmed notice: at once if `at` is "", else at that time (ISO, UTC)."""

    group_id: int
    words: str
    audience: str
    language: str
    at: str
    changes: ClassVar = True


@dataclass(frozen=True)
class SendNotice(Sending):
    """Submit a notice. Result: SentSeen; its outcome is "another" if someone else sent one just before."""

    samples: ClassVar = (
        _sent("going", WHEN),
        _sent("asked"),
        _sent("operator"),
        _sent("nobody"),
        _sent("no_role"),
        _sent("another"),
    )


@dataclass(frozen=True)
class SendNoticeToo(Sending):
    """Submit a notice after the caller read that someone else sent one just before. Result: SentSeen."""

    samples: ClassVar = (_sent("timed", WHEN),)


@dataclass(frozen=True)
class NoticesHere(Action):
    """List the last notices of a group, newest first. Result: list of NoticeSeen."""

    group_id: int
    samples: ClassVar = ([], _notices(5))


@dataclass(frozen=True)
class DeliveryStatus(Action):
    """Load the delivery status of a notice. Result: HowFarSeen, or None if the caller does not lead its group."""

    notice_id: int
    samples: ClassVar = (
        None, _far("going", 10_000), {**_far("going", 0), "words": ""}, _far("asked", 10_000),
    )  # fmt: skip


@dataclass(frozen=True)
class StopNotice(Action):
    """Withdraw the texts of a notice that still wait. Result: False if the caller does not lead its group."""

    notice_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class NoticesToApprove(Action):
    """List the notices that wait for a second approver. Result: list of ToAgreeSeen."""

    group_id: int
    samples: ClassVar = ([], _TO_AGREE)


@dataclass(frozen=True)
class ApproveNotice(Action):
    """As the second approver: approve or decline a notice. Result: SentSeen."""

    notice_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = (
        _sent("going"), _sent("dropped"), _sent("used"), _sent("no_role"), _sent("missed"), _sent("author_gone"),
    )  # fmt: skip


@dataclass(frozen=True)
class NextReply(Action):
    """Load the oldest unread reply to a notice of a group. Result: ReplySeen or None."""

    group_id: int
    samples: ClassVar = (None, _REPLY)


@dataclass(frozen=True)
class ReadReply(Action):
    """Mark a reply as read."""

    reply_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class AnswerReply(Action):
    """Text an answer to the person who wrote a reply. Result: False if it was answered before, or cannot be."""

    reply_id: int
    words: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)
