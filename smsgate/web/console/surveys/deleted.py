"""The steps of a draft that were deleted, so that each can be put back, the last one first."""

from __future__ import annotations

import json
from typing import Any

from smsgate.models import Survey

MOST = 20
Deleted = dict[str, Any]  # `at`, where it stood, `step`, and `before`, what was deleted before it


def last(one: Survey) -> Deleted | None:
    """The one that was deleted last."""
    return json.loads(one.deleted_step) if one.deleted_step else None


def note(one: Survey, at: int, step: dict[str, Any]) -> None:
    """Note one that was deleted."""
    earlier = last(one)
    before = [{name: earlier[name] for name in ("at", "step")}, *earlier.get("before", [])] if earlier else []
    one.deleted_step = json.dumps({"at": at, "step": step, "before": before[: MOST - 1]})


def forget_last(one: Survey) -> None:
    """Forget the last one, which was put back."""
    found = last(one)
    first, *others = (found or {}).get("before") or [None]
    one.deleted_step = json.dumps({**first, "before": others}) if first else None
