"""Every command explains itself in a sentence and an example, verbs are the same everywhere, and shells complete."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import CliRunner

from smsgate import cli
from smsgate.models import Group
from tests.docs.test_commands import wrong
from tests.support.command_line import Typed

EXAMPLE = re.compile(r"Example: smsgate (.+)")
SAME_ACT = {
    "end": {"remove"}, "delete": {"remove"}, "give": {"add"}, "create": {"add"}, "make": {"add"}, "new": {"add"},
    "edit": {"change"}, "set": {"change"}, "update": {"change"}, "view": {"show"}, "get": {"show"},
    "agree": {"approve"},
}  # fmt: skip
OTHER_ACTS = {"series end"}  # not `remove`: it cancels dates and tells people, and the series stays on record


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its name, except for old names."""
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from commands(part, f"{path} {name}".strip())
    elif not command.hidden:
        yield path, command


ALL = list(commands(cli.smsgate))


def test_there_are_many() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _command in ALL])
def test_help_is_one_sentence_and_an_example_that_can_be_typed(path: str, command: click.Command) -> None:
    sentence = " ".join((command.help or "").split("\n\n")[0].split())
    assert sentence.endswith((".", ")."))
    assert not re.search(r"[.!?] [A-Z]", sentence), "one sentence; what else there is to say is a paragraph below"
    assert len(sentence) <= 120
    example = EXAMPLE.fullmatch(command.epilog or "")
    assert example, "an epilog that begins with Example: smsgate"
    assert len(example[0]) < 79
    assert example[1].split()[: len(path.split())] == path.split()
    words, _redirected, _file = example[1].partition(" > ")
    assert wrong(shlex.split(words), whole=True) == ""


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _command in ALL])
def test_the_help_fits_80_columns(path: str, command: click.Command) -> None:
    shown = CliRunner().invoke(cli.smsgate, [*path.split(), "--help"]).output
    assert [line for line in shown.splitlines() if len(line) > 80 and "SMSGATE_GATEWAY=" not in line] == []
    assert command.epilog is not None
    assert " ".join(command.epilog.split()) in " ".join(shown.split())


def test_one_verb_for_one_act() -> None:
    verbs = {path: path.split()[-1] for path, _command in ALL if path not in OTHER_ACTS}
    assert {path: SAME_ACT[verb] for path, verb in verbs.items() if verb in SAME_ACT} == {}


@pytest.mark.parametrize(
    ("words", "now"),
    [
        (("group", "asked", "4521"), "requests"),
        (("role", "give", "4521", "admin"), "add"),
        (("role", "end", "1"), "remove"),
        (("admin", "end", "0711000004"), "remove"),
        (("notice", "agree", "1"), "approve"),
        (("member", "doubt", "0711000001"), "mark-reassigned"),
        (("clock", "--help"), "scheduler"),
    ],
)
def test_old_names_work_for_one_release(types: Typed, group: Group, words: tuple[str, ...], now: str) -> None:
    done = CliRunner().invoke(cli.smsgate, list(words))
    assert f"It is called {now} now." in done.output
    assert "No such command" not in done.output
    *family, old = words[:2] if words[1].isalpha() else words[:1]
    assert f"\n  {old} " not in CliRunner().invoke(cli.smsgate, [*family, "--help"]).output


def test_exit_codes(types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_with(*words: str) -> object:
        monkeypatch.setattr("sys.argv", ["smsgate", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody there to say yes
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0

    assert ends_with("group", "list") == 0
    assert ends_with("erase", "0711000001") == 1  # stopped: nobody said yes
    assert ends_with("group", "show", "9") == 2
    assert ends_with("group", "lst") == 2
    assert ends_with() == 2
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert ends_with("check") == 1
    assert "Exit codes: 0, all went well. 1, a check" in " ".join(types("--help").split())


@pytest.fixture
def completes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that gives what the command prints when a shell asks it for completions."""

    def run(asks: str, line: str = "") -> str:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        for name, value in {"_SMSGATE_COMPLETE": asks, **words}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["smsgate"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("smsgate gr", ["group"]),
        ("smsgate role ", ["add", "list", "log", "remove"]),  # and none of the old names
        ("smsgate group add --by", ["--by-approval"]),
        ("smsgate worker u", ["urgent"]),
    ],
)
def test_bash_is_offered_commands_options_and_choices(
    completes: Callable[..., str], line: str, offered: list[str]
) -> None:
    assert [option.partition(",")[2] for option in completes("bash_complete", line).split()] == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(completes: Callable[..., str], shell: str) -> None:
    assert f"_SMSGATE_COMPLETE={shell}_complete" in completes(f"{shell}_source")


@pytest.mark.by_night
def test_a_real_bash_completes() -> None:
    script = f"""
        PATH={shlex.quote(f"{sys.prefix}/bin")}:$PATH
        eval "$(_SMSGATE_COMPLETE=bash_source smsgate)"
        COMP_WORDS=(smsgate notice st) COMP_CWORD=2
        _smsgate_completion smsgate
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "stop"
