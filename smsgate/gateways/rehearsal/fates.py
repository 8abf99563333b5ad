"""What the network reports about an accepted text, when, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """One report: seconds after the text was accepted, status, and `reason` for a failure."""

    after: float
    status: str
    reason: str = ""
    stranger: bool = False  # about an id that nobody knows


BEFORE_THE_REPLY = -1.0

FATES: Mapping[str, Sequence[Said]] = {
    "none": (),  # not every network reports
    "at_once": (Said(0, "Success"),),
    "delivered": (Said(1, "Success"),),
    "in_steps": (Said(0.5, "Sent"), Said(1, "Submitted"), Said(2, "Buffered"), Said(4, "Success")),
    "early": (Said(BEFORE_THE_REPLY, "Success"),),
    "twice": (Said(1, "Success"), Said(1, "Success")),
    "reordered": (Said(1, "Success"), Said(2, "Buffered"), Said(3, "Sent"), Said(4, "Failed", "DeliveryFailure")),
    "absent": (Said(1, "AbsentSubscriber"), Said(5, "Success")),
    "expired": (Said(3, "Expired"),),
    "failed": (Said(2, "Failed", "DeliveryFailure"),),
    "rejected": (Said(2, "Rejected", "UserAccountSuspended"),),
    "unknown_word": (Said(1, "Teleported"), Said(3, "Success")),
    "unknown_id": (Said(1, "Success", stranger=True), Said(2, "Success")),
}
