"""A definition that travels along with its own export, and the seal that shows whether anybody changed the export."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from smsgate.surveys.definitions.schema import InvalidDefinition, parse_definition

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACE = "smsgate"  # within `_ui`, which goflow and RapidPro hand on as it is


def sealed(flow: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an export holds beside the flow."""
    return {"seal": _seal(flow), "definition": dict(definition)}


def unchanged_definition(flow: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the definition of which a flow is the unchanged export; None if it is not."""
    drawn = flow.get("_ui")
    kept = drawn.get(PLACE) if isinstance(drawn, Mapping) else None
    if not isinstance(kept, Mapping) or kept.get("seal") != _seal(flow):
        return None
    try:
        return dict(parse_definition(kept.get("definition")))
    except InvalidDefinition:
        return None


def _seal(flow: Mapping[str, Any]) -> str:
    """Return a digest of all that a flow says and asks; UUIDs, which an import replaces, count by their order."""
    content = [flow.get("language"), flow.get("nodes"), flow.get("localization")]
    numbers: dict[str, str] = {}
    text = json.dumps(content, default=str)  # in the order of the file, so that uuids keep theirs
    text = UUID.sub(lambda found: numbers.setdefault(found.group(), f"#{len(numbers)}"), text)
    return hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()
