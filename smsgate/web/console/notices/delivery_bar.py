"""The bar that says how far a notice is: drawn once for the list, the overview and the page of the notice."""

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
    """Parts of the bar as (name, colour class, width in per cent), and the same in words."""

    parts: list[tuple[str, str, float]]
    said: str


def part_names() -> dict[str, str]:
    """What each part is called."""
    return {
        "delivered": _("delivered"),
        "sent": _("sent, not confirmed yet"),
        "waiting": _("waiting"),
        "failed": _("not delivered"),
        "other": _("not sent, or not known"),
    }


def counts_by_part(states: Mapping[MessageStatus, int], *, stopped: bool) -> dict[str, int]:
    """Add statuses up to the parts of the bar; what waits in a notice that was stopped is not sent any more."""
    counts = dict.fromkeys(COLOURS, 0)
    for status, count in states.items():
        part = PARTS.get(status, "other")
        counts["other" if stopped and status is MessageStatus.WAITING else part] += count
    return counts


def draw(counts: Mapping[str, int]) -> DeliveryBar:
    """Draw the bar; nothing to draw gives no parts."""
    names = part_names()
    parts = [(name, COLOURS[name], width) for name, width in delivery_stats.drawn(counts)]
    return DeliveryBar(parts, ", ".join(f"{names[name]} {few(count)}" for name, count in counts.items() if count))
