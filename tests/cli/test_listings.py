"""Listings fit 80 columns even with the longest names, can be JSON for scripts, and name the zone of their times."""

from __future__ import annotations

import io
import json
import sys

import click
import pytest

from smsgate import cli
from smsgate.models import Group, row_failures
from smsgate.service import Service
from tests.cli.test_help import commands
from tests.support.command_line import A_LINE, Typed
from tests.support.people import Phone
from tests.support.stories import joins

LONG = "Wamama_wa_Kaskazini_Mashariki!"  # 30 characters without a space to break at
PLACE = "Behind_the_hall_near_the_old_mango_trees"
LISTINGS = (
    ("group", "list"), ("group", "show", "77712345"), ("group", "requests", "77712345"),
    ("meeting", "list", "77712345"), ("series", "list", "77712345"), ("series", "show", "1"), ("notice", "show", "1"),
    ("role", "list", "77712345"),
    ("role", "log", "77712345"), ("admin", "list"), ("admin", "log"), ("flow", "list", "77712345"), ("line", "list"),
    ("programme", "list"), ("programme", "show", "1"), ("programme", "cards", "list", "1"),
    ("outbox",), ("failures",), ("check",),
)  # fmt: skip


@pytest.fixture
def busy(types: Typed, service: Service, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Create a group with something in every list."""
    monkeypatch.setenv("COLUMNS", "80")
    types("group", "add", LONG, "--code", "77712345", "--listed", "--zone", "America/Argentina/ComodRivadavia")
    types("meeting", "add", "77712345", "2026-12-01 14:00", "--place", PLACE)
    types("series", "add", "77712345", "--every", "week", "--on", "fri", "--at", "15:00", "--topic", LONG)
    types("notice", "send", "77712345", "Bring a cup", "--yes")
    types("admin", "add", "0711000004")
    types("programme", "add", LONG, "--group", "77712345")
    types("programme", "cards", "add", "1", "20", "--from", "2026-12-01")
    types(*A_LINE)
    with service.database.transaction() as session:
        row_failures.record_failure(session, "reminders", 123456789, ValueError("x"), service.now())
    return types


def test_every_list_has_json() -> None:
    listing = {
        path
        for path, command in commands(cli.smsgate)
        if any(isinstance(option, click.Option) and option.name == "as_json" for option in command.params)
    }
    named = {" ".join(word for word in words if word.isalpha()) for words in LISTINGS}
    assert named == listing
    verbs = {path for path, _command in commands(cli.smsgate) if path.split()[-1] in {"list", "log", "show"}}
    assert verbs - {"flow show"} <= listing  # flow show draws screens


def test_lists_fit_80_columns_and_are_json(busy: Typed) -> None:
    for words in LISTINGS:
        shown = busy(*words)
        assert [line for line in shown.splitlines() if len(line) > 80] == [], words
        assert "…" not in shown, words
        assert isinstance(json.loads(busy(*words, "--json")), list | dict), words


def test_no_letter_of_a_long_name_is_lost(busy: Typed) -> None:
    for words, name in ((("group", "list"), LONG), (("meeting", "list", "77712345"), PLACE)):
        letters = busy(*words).replace(" ", "").replace("\n", "")
        assert all(part in letters for part in (name[:4], name[-4:]))
        assert name in busy(*words, "--json")


def test_times_are_those_of_the_group_and_say_so(busy: Typed) -> None:
    shown = busy("meeting", "list", "77712345")
    assert "2026-12-01 14:00" in shown
    assert "Times are in America/Argentina/ComodRivadavia." in shown
    meetings = {one["place"]: one for one in json.loads(busy("meeting", "list", "77712345", "--json"))}
    assert meetings[PLACE]["when"] == "2026-12-01T14:00:00-03:00"
    assert "(America/Argentina/ComodRivadavia)" in busy("meeting", "add", "77712345", "2026-12-02 14:00")
    assert "Times are in America/Argentina/ComodRivadavia." in busy("role", "log", "77712345")
    assert "Times are in UTC." in busy("admin", "log")


@pytest.mark.by_night
def test_a_check_that_fails_is_json_too(types: Typed, monkeypatch: pytest.MonkeyPatch, group: Group) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["smsgate", "check", "--json"])
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = json.loads(out.getvalue())
    assert said["ok"] is False
    assert "Redis cannot be reached" in said["faults"][0]


def test_a_name_is_not_taken_for_markup(types: Typed) -> None:
    types("group", "add", "[b]Us[/b]")
    assert "[b]Us[/b]" in types("group", "list")


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("looks_on", [True, False])
def test_a_bar_shows_only_on_a_terminal(
    types: Typed, group: Group, amina: Phone, monkeypatch: pytest.MonkeyPatch, looks_on: bool
) -> None:
    joins(amina)
    errors = Terminal() if looks_on else io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr("sys.argv", ["smsgate", "rotate"])
    with pytest.raises(SystemExit):
        cli.main()
    assert ("Encrypting" in errors.getvalue()) is looks_on
