"""Comparing two versions of a survey step by step, for an admin who is about to publish one or go back to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from smsgate.surveys.definitions.schema import Definition


@dataclass(frozen=True)
class Change:
    """A step that was added (`before` is None), removed (`after` is None) or changed."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def changes(before: Definition, after: Definition) -> list[Change]:
    """Return the changes in the order of the steps."""
    return list(_changes(before["steps"], after["steps"]))


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, [repr(step) for step in before], [repr(step) for step in after], autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        old, new = before[old_start:old_end], after[new_start:new_end]
        for at in range(max(len(old), len(new))):
            yield Change(old[at] if at < len(old) else None, new[at] if at < len(new) else None)
