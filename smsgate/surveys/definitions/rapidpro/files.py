"""Reading exports: JSON files with one or more flows, of which one is picked. Unreadable versions are named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smsgate.core.admin_text import _
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import Fault, InvalidDefinition, readable, without_odd_numbers

MOST_BYTES = 6_000_000  # the largest public export is 4 MB
MOST_NODES = 1000  # in a flow; goflow's own limit
VERSIONS = ("13", "14")
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class FlowInFile:
    """A flow in an export, for a list of them; `refused` says why it cannot be imported, "" if it can."""

    number: int  # from 1
    name: str
    language: str
    translations: tuple[str, ...]
    nodes: int
    refused: str


class SeveralFlows(InvalidDefinition):
    """A file has several flows, and none or an unknown one was picked."""

    def __init__(self, what: str, flows: list[FlowInFile]) -> None:
        super().__init__([Fault("", what)])
        self.flows = flows


def load(content: bytes) -> object:
    """Return the data in a JSON or YAML file; exports may be larger than other files. Raises InvalidDefinition."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and len(content) <= MOST_BYTES:
        try:
            data = readable(json.loads(content.decode("utf-8-sig")))
        except (ValueError, RecursionError):
            data = None
        if is_rapidpro_flow(data):
            return without_odd_numbers(data)
    return yaml_files.load(content)


def is_rapidpro_flow(data: object) -> bool:
    """Return whether this looks like a RapidPro flow of any version, alone or in an export."""
    if not isinstance(data, Mapping):
        return False
    return bool({"nodes", "action_sets", "rule_sets"} & data.keys()) or isinstance(data.get("flows"), list)


def flows_in(data: object) -> list[FlowInFile]:
    """Return the flows in a file, in order."""
    return [_listed(number, flow, data) for number, flow in enumerate(_raw_flows(data), 1)]


def pick(data: object, which: str | None = None) -> Raw:
    """Return the flow with this number, name or uuid, or the only one. Raises InvalidDefinition."""
    raw, known = _raw_flows(data), flows_in(data)
    if not raw:
        raise InvalidDefinition([Fault("", _("This file has no RapidPro flow."))])
    if which is None and len(raw) > 1:
        raise SeveralFlows(_("This file has {count} flows: choose one.").format(count=len(raw)), known)
    at = 0 if which is None else _index(raw, which.strip())
    if at is None:
        raise SeveralFlows(_("This file has no flow called {name}.").format(name=str(which)[:60]), known)
    if known[at].refused:
        raise InvalidDefinition([Fault(known[at].name, known[at].refused)])
    return raw[at]


def beside(data: object) -> dict[str, int]:
    """Return how many of what else an export has, by its name in the file."""
    if not isinstance(data, Mapping):
        return {}
    kinds = ("campaigns", "triggers", "fields", "groups", "globals")
    return {kind: len(data[kind]) for kind in kinds if isinstance(data.get(kind), list) and data[kind]}


def _raw_flows(data: object) -> list[Raw]:
    if not isinstance(data, Mapping):
        return []
    flows = data["flows"] if isinstance(data.get("flows"), list) else [data] if is_rapidpro_flow(data) else []
    return [flow for flow in flows if isinstance(flow, Mapping)]


def _index(raw: list[Raw], which: str) -> int | None:
    for key in ("name", "uuid"):
        for at, flow in enumerate(raw):
            if str(flow.get(key, "")).strip().casefold() == which.casefold():
                return at
    number = int(which) if which.isdecimal() and which.isascii() and len(which) < 6 else 0
    return number - 1 if 1 <= number <= len(raw) else None


def _listed(number: int, flow: Raw, data: object) -> FlowInFile:
    nodes, localization = flow.get("nodes"), flow.get("localization")
    return FlowInFile(
        number,
        name_of(flow),
        str(flow.get("language") or ""),
        tuple(map(str, localization)) if isinstance(localization, Mapping) else (),
        len(nodes) if isinstance(nodes, list) else 0,
        _refusal(flow, data),
    )


def name_of(flow: Raw) -> str:
    """Return the flow's name on one line; older files have it in their metadata."""
    metadata = flow.get("metadata")
    older = metadata.get("name") if isinstance(metadata, Mapping) else None
    return " ".join(str(flow.get("name") or older or "flow").split())[:100]


def _refusal(flow: Raw, data: object) -> str:
    """Return why a flow cannot be imported; "" if it can."""
    version = _version(flow, data)
    if version and version.split(".")[0] not in VERSIONS:
        said = _(
            "This is version {version}; only 13 and 14 can be read. Import it into RapidPro or TextIt and export it "
            "again."
        )
        return said.format(version=version)
    if not isinstance(flow.get("nodes"), list):
        return _("This isn't a RapidPro flow of version 13 or 14.")
    if not flow["nodes"]:
        return _("Nothing in this file can be shown on a phone.")
    if len(flow["nodes"]) > MOST_NODES:
        return _("Too many: {count} at most.").format(count=MOST_NODES)
    return ""


def _version(flow: Raw, data: object) -> str:
    """Return the version that a flow states or that its structure reveals; "" if neither does."""
    around = data.get("version") if isinstance(data, Mapping) else None
    stated = flow.get("spec_version") or flow.get("version") or ("" if "nodes" in flow else around or "")
    found = re.match(r"v?(\d{1,3}(?:\.\d{1,3}){0,2})", str(stated))
    return found.group(1) if found else ("" if "nodes" in flow else _("before 13"))
