"""Reads and writes crisis lines as a TOML file that a volunteer maintains, one `[[line]]` for each number."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from smsgate.core.errors import Invalid
from smsgate.help.crisis.crisis_lines import CrisisLineEntry, checked
from smsgate.models import CrisisLineKind

KEYS = ("country", "number", "kind", "hours", "source", "verified_on", "expires_on", "names")
HEAD = "# Numbers to call. Call each before you write its verified_on. To read this file in: smsgate line import FILE\n"


def read(text: str, today: date) -> list[CrisisLineEntry]:
    """Return the checked entries of a file; raises Invalid with everything that is wrong, one fault on each line."""
    try:
        rows = tomllib.loads(text).get("line", [])
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The file cannot be read: {error}") from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Invalid("The file names no number: each begins with [[line]].")
    entries, faults = list[CrisisLineEntry](), list[str]()
    for place, row in enumerate(rows, start=1):
        try:
            entries.append(checked(_parse_entry(row), today))
        except Invalid as error:
            faults.append(f"Number {place} of the file ({row.get('number', '') or 'empty'}): {error}")
    counts = Counter((entry.country, entry.number) for entry in entries)
    faults += [f"{number} is in the file {count} times." for (_country, number), count in counts.items() if count > 1]
    if faults:
        raise Invalid("\n".join([*faults, "Nothing was imported."]))
    return entries


def _parse_entry(row: Mapping[str, Any]) -> CrisisLineEntry:
    unknown = [key for key in row if key not in KEYS]
    if unknown:
        raise Invalid(f"{unknown[0]!r} is none of: {', '.join(KEYS)}.")
    names = row.get("names", {})
    if not isinstance(names, dict):
        raise Invalid('Write names like { en = "Befrienders" }.')
    kind = str(row.get("kind", CrisisLineKind.CRISIS)).strip()
    if kind not in list(CrisisLineKind):
        raise Invalid(f"Its kind is {' or '.join(CrisisLineKind)}, not {kind!r}.")
    texts = {key: str(row.get(key, "")) for key in ("country", "number", "source", "hours")}
    return CrisisLineEntry(
        **texts, kind=CrisisLineKind(kind), names={language: str(name) for language, name in names.items()},
        verified_on=_parse_day(row, "verified_on"), expires_on=_parse_day(row, "expires_on"),
    )  # fmt: skip


def _parse_day(row: Mapping[str, Any], key: str) -> date | None:
    """Return a TOML date or a date in quotes; None if it is missing or empty. Raises Invalid."""
    value = row.get(key) or None
    try:
        return date.fromisoformat(str(value).strip()) if value is not None else None
    except ValueError:
        raise Invalid(f"{key} is no day: {value!s}; write it like 2026-11-20.") from None


def format_file(entries: Iterable[CrisisLineEntry]) -> str:
    """Return the entries as a file that `read` accepts."""
    return "\n".join([HEAD, *(_format_entry(entry) for entry in entries)])


def _format_entry(entry: CrisisLineEntry) -> str:
    # A JSON string is also a TOML string.
    texts = {name: json.dumps(str(getattr(entry, name)), ensure_ascii=False) for name in KEYS[:5]}
    days = {name: str(getattr(entry, name)) for name in KEYS[5:7]}
    names = ", ".join(f"{language} = {json.dumps(name, ensure_ascii=False)}" for language, name in entry.names.items())
    values = [f"{key} = {value}" for key, value in {**texts, **days}.items()]
    return "\n".join(["[[line]]", *values, f"names = {{ {names} }}", ""])
