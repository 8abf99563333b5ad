"""Surveys as YAML files. Since these may come from anybody, tags, aliases, big and deeply nested files are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from smsgate.core.admin_text import _
from smsgate.surveys.definitions.schema import Fault, InvalidDefinition, readable, without_odd_numbers

MOST_BYTES = 200_000
DEEPEST = 16


class _Loader(yaml.CSafeLoader):
    """A safe loader that reads Yes, No, dates, 10:30 and 0711 as text, as authors mean them; the rest is as in JSON."""

    yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in known if tag.endswith(":null")]
        for sign, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


_PLAIN = {
    "bool": (r"true|false", "tf"),
    "int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)", "-+.0123456789"),
}
for _kind, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def load(content: bytes) -> object:
    """Return a file's content as plain JSON data. Raises InvalidDefinition."""
    if len(content) > MOST_BYTES:
        raise InvalidDefinition([Fault("", _("The file is larger than 200 KB."))])
    try:
        text = content.decode("utf-8-sig")
        _check_events(text)
        return without_odd_numbers(readable(yaml.load(text, _Loader)))  # noqa: S506 - a safe loader, after `_check_events`
    except InvalidDefinition:
        raise
    except UnicodeDecodeError:
        raise InvalidDefinition([Fault("", _("The file isn't UTF-8 text."))]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = _("line {number}").format(number=mark.line + 1) if mark else ""
        raise InvalidDefinition([Fault(where, _("This isn't valid YAML."))]) from None


def _check_events(text: str) -> None:
    """Refuse tags, aliases and deep nesting while parsing, before anything is built. Raises InvalidDefinition."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        mark = event.start_mark
        where = _("line {number}").format(number=mark.line + 1) if mark else ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidDefinition([Fault(where, _("Anchors and aliases (& and *) aren't allowed: write it out."))])
        if getattr(event, "tag", None):  # like !!int, whose content may be none
            raise InvalidDefinition([Fault(where, _("This form isn't used here."))])
        opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
        depth += opens - isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
        if depth > DEEPEST:
            raise InvalidDefinition([Fault("", _("It's nested too deeply."))])


def dump(data: Mapping[str, Any]) -> str:
    """Return a definition as YAML for people to read."""
    return yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=110)


def library() -> dict[str, bytes]:
    """Return the service's ready-made surveys, as YAML by name."""
    folder = resources.files("smsgate.surveys.definitions") / "library"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_bytes() for file in files}
