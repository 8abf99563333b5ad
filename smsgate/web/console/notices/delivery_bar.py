"""The bar that shows how much of a notice is delivered, shared by the list and the notice's own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smsgate.models import MessageStatus
from smsgate.notices import delivery_stats
from smsgate.web.console.pages import few
from smsgate.web.console.text import _

COLOURS = {"delivered": "f", "sent": "e", "waiting": "d", "failed": "c", "other": "b"}
PARTS: Mapping[MessageStatus, str] = {
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.SENT: "sent",
    MessageStatus.WAITING: "waiting",
    MessageStatus.SENDING: "waiting",
    MessageStatus.FAILED: "failed",
}


class DeliveryBar(NamedTuple):
    """The bar's parts as (name, colour class, width in per cent), and the same in words."""

    parts: list[tuple[str, str, float]]
    said: str


def part_names() -> dict[str, str]:
    """Return the label of each part."""
    return {
        "delivered": _("delivered"),
        "sent": _("sent, not confirmed yet"),
        "waiting": _("waiting"),
        "failed": _("not delivered"),
        "other": _("not sent, or not known"),
    }


def counts_by_part(states: Mapping[MessageStatus, int], *, stopped: bool) -> dict[str, int]:
    """Add up statuses into the bar's parts; texts that still wait in a stopped notice count as not sent."""
    counts = dict.fromkeys(COLOURS, 0)
    for status, count in states.items():
        part = PARTS.get(status, "other")
        counts["other" if stopped and status is MessageStatus.WAITING else part] += count
    return counts


def draw(counts: Mapping[str, int]) -> DeliveryBar:
    """Return the bar for these counts; without any, it has no parts."""
    names = part_names()
    parts = [(name, COLOURS[name], width) for name, width in delivery_stats.drawn(counts)]
    return DeliveryBar(parts, ", ".join(f"{names[name]} {few(count)}" for name, count in counts.items() if count))
