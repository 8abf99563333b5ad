"""Embedding a definition in its own export, with a seal that shows whether anybody has changed the export."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from smsgate.surveys.definitions.schema import InvalidDefinition, parse_definition

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACE = "smsgate"  # a key in `_ui`, which goflow and RapidPro pass on unchanged


def sealed(flow: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an export contains in addition to the flow."""
    return {"seal": _seal(flow), "definition": dict(definition)}


def unchanged_definition(flow: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the definition that a flow was exported from; None if there is none or the flow was changed since."""
    drawn = flow.get("_ui")
    kept = drawn.get(PLACE) if isinstance(drawn, Mapping) else None
    if not isinstance(kept, Mapping) or kept.get("seal") != _seal(flow):
        return None
    try:
        return dict(parse_definition(kept.get("definition")))
    except InvalidDefinition:
        return None


def _seal(flow: Mapping[str, Any]) -> str:
    """Return a digest of a flow's content; UUIDs, which an import replaces, only count by their order."""
    content = [flow.get("language"), flow.get("nodes"), flow.get("localization")]
    numbers: dict[str, str] = {}
    text = json.dumps(content, default=str)  # not sorted yet, so that uuids keep their order in the file
    text = UUID.sub(lambda found: numbers.setdefault(found.group(), f"#{len(numbers)}"), text)
    return hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()
