"""Every `smsgate …` in the documents is a real command, with existing options and all required arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from smsgate.cli import smsgate

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"command.md"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^ *```(?:text|sh)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
CALL = re.compile(r"(?:\.venv/bin/)?smsgate\s(.*)")


def calls(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what follows `smsgate`, and whether it is a complete line to type."""
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if found := CALL.match(line.strip()):
                yield found[1], True
    for span in SPAN.findall(re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)):
        if found := CALL.fullmatch(" ".join(span.split())):
            yield found[1], False


def wrong(words: list[str], whole: bool) -> str:
    """Return what is wrong with a call; "" if nothing is."""
    command: click.Command = smsgate
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"there is no {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    if isinstance(command, click.Group):
        return "a command is missing" if whole and "--help" not in words else ""
    context = click.Context(command)
    try:
        given, extra, _order = command.make_parser(context).parse_args(list(words))
        for part in command.params:
            if isinstance(part.type, click.Choice) and isinstance(chosen := given.get(str(part.name)), str):
                part.type.convert(chosen, part, context)
    except click.UsageError as problem:
        return problem.format_message()
    needed = [part for part in command.params if whole and part.required]
    missing = [part.name for part in needed if part.value_is_missing(given.get(str(part.name)))]
    return f"too much: {extra}" if extra else f"missing: {missing}" if missing else ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_document_exist(document: Path) -> None:
    if document.name in GENERATED or document.name == "CHANGELOG.md":  # generated from them; describes the past
        return
    for call, whole in calls(document.read_text(encoding="utf-8")):
        assert wrong(shlex.split(call, comments=True), whole) == "", f"smsgate {call}"


def test_there_are_many() -> None:
    assert sum(len([*calls(path.read_text(encoding="utf-8"))]) for path in DOCUMENTS) > 100


@pytest.mark.parametrize(
    ("call", "whole", "said"),
    [
        ("group lst", False, "there is no 'lst'"),
        ("group", False, ""),  # a family of commands, named in a sentence
        ("group", True, "a command is missing"),
        ("notice stop", False, ""),
        ("notice stop", True, "missing: ['number']"),
        ("notice stop 7 8", True, "too much: ['8']"),
        ("notice stop 7 --now", True, "No such option"),
        ("check spelling", True, "Invalid value"),
        ("worker fast", False, "Invalid value"),
        ("notice stop 7", True, ""),
        ("check catalogues", True, ""),
    ],
)
def test_what_does_not_exist_is_named(call: str, whole: bool, said: str) -> None:
    answer = wrong(call.split(), whole)
    assert answer.startswith(said) if said else answer == ""
