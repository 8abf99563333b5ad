"""The deleted steps of a draft, so that they can be restored, last one first."""

from __future__ import annotations

import json
from typing import Any

from smsgate.models import Survey

MOST = 20
Deleted = dict[str, Any]  # `at` (its position), `step`, and `before` (the steps deleted before it)


def last(one: Survey) -> Deleted | None:
    """Return the step that was deleted last, or None."""
    return json.loads(one.deleted_step) if one.deleted_step else None


def note(one: Survey, at: int, step: dict[str, Any]) -> None:
    """Remember a step that was deleted."""
    earlier = last(one)
    before = [{name: earlier[name] for name in ("at", "step")}, *earlier.get("before", [])] if earlier else []
    one.deleted_step = json.dumps({"at": at, "step": step, "before": before[: MOST - 1]})


def forget_last(one: Survey) -> None:
    """Forget the last deleted step, which was restored."""
    found = last(one)
    first, *others = (found or {}).get("before") or [None]
    one.deleted_step = json.dumps({**first, "before": others}) if first else None
