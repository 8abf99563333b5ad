"""Every command with every wrong argument, and on a broken installation, fails with one line and status 2."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from smsgate import cli
from smsgate.cli.programmes import RULES
from smsgate.core.config import Settings
from smsgate.members import members
from smsgate.models import lookup
from smsgate.service import wire
from tests.support.command_line import A_LINE, NEEDED
from tests.support.people import TOKEN
from tests.support.stores import KEY

NO_CODE = ("9", "x", "", "٤٥٢١", "4521 ", "1" * 400, "\udcff")
NO_ID = ("77", "0", "-1", "x", "1.5", "", "1" * 12, "9" * 30)
NO_PHONE = ("0711", "x", "", "0711OOO001", "0711000001;0711000002", "+1555", "0800123456", "\udcff")
NO_TIME = ("tomorrow", "", "2099-02-30 14:00", "2001-01-01 10:00", "0000-01-01 00:00", "9" * 30)
NO_DAY = ("tomorrow", "2026-02-30", "2026-1", "9999-99-99")
NO_CLOCK = ("25:00", "late", "24:61", "7")
NO_FILE = ("no/such.file", ".", "/", "broken.bin", "\udcff", "x" * 300)
NO_NUMBER = ("x", "-1", "9" * 30, "1.5", "0")
NO_LANGUAGE = ("xx", "english", "")
NO_LENGTH = ("x", "-1", "0", "9" * 30)
LONG = ("x" * 2000,)

# For each parameter, a valid value and invalid ones. A parameter that takes any text has no invalid values. An entry
# under "command parameter" takes precedence over that of the parameter.
GIVEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "code": ("4521", NO_CODE),
    "id": ("1", NO_ID),
    "phone": ("0711000001", NO_PHONE),
    "number": ("1", NO_ID),
    "which": ("1", NO_ID),
    "when": ("2099-12-01 14:00", NO_TIME),
    "day": ("2026-12-25", NO_DAY),
    "file": ("flow.yaml", NO_FILE),
    "words": ("Bring a cup", ("", *LONG)),
    "name": ("Upendo", ("", *LONG)),
    "language": ("en", NO_LANGUAGE),
    "let_in": ("", NO_ID),
    "decline": ("", NO_ID),
    "start": ("21:00", NO_CLOCK),
    "end": ("07:00", NO_CLOCK),
    "times": ("2d", ("2w", "x", "15d", "9999999999d")),
    "switch": ("on", ("maybe", "ON!", "")),
    "days": ("", NO_NUMBER),
    "phones": ("0711000001", (*NO_PHONE, "0711000009")),
    "lane": ("urgent", ("x", "")),
    "kind": ("admin", ("x", "")),
    "country": ("KE", ("", "XX", "Kenya", "K1", "٤٤")),
    "what": ("all", ("x",)),
    "scenario": ("calm", ("x", "")),
    "flow": ("flow.yaml", ("77", "no/such.yaml", "", "broken.bin", "9" * 30)),
    "zone": ("", ("Mars", "", "../etc/passwd", "Africa", "+03:00")),
    "languages": ("", NO_LANGUAGE),
    "length": ("", NO_LENGTH),
    "place": ("", LONG),
    "topic": ("", LONG),
    "every": ("", ("day", "0 weeks", "x", "999999999999 weeks", "-1 weeks")),
    "on": ("", ("x", "9th fri", "32", "fri;mon")),
    "rule": ("", ("x", "FREQ=SECONDLY", "FREQ=WEEKLY;BYDAY=XX", "=;=", "FREQ=WEEKLY;COUNT=x")),
    "at": ("", NO_TIME[:1]),
    "first": ("", NO_DAY),
    "until": ("", NO_DAY),
    "sw": ("", LONG),
    "fr": ("", LONG),
    "en": ("", LONG),
    "whom": ("", ("nobody", "")),
    "verified": ("", (*NO_DAY, "2999-01-01")),
    "expires": ("", (*NO_DAY, "2999-01-01", "2001-01-01")),
    "hours": ("", ("x" * 40, "\u0e01")),
    "source": ("", LONG),
    "word": ("", ("stop", "two words", *LONG)),
    "dial": ("", ("x", "4521", "1", "1" * 40)),
    "port": ("", ("x", "-1", "0.5", "99999", "1" * 30)),
    "seed": ("", ("x", "1.5")),
    "people": ("", ("x", "-1", "9" * 30)),
    "hooks": ("", ("nowhere", "ftp://x", "http://")),
    "seconds": ("", ("x", "-1", "nan", "inf", "9e99")),
    "ledger": ("", (".", "/proc/x")),
    "to": ("", ("x", "0", "9999", "-1", "head")),
    "target": ("out.backup", ("no/dir/x", ".", "/proc/x", "x" * 300)),
    "keep": ("", NO_NUMBER),
    "most": ("", NO_NUMBER),
    "url": ("postgresql://nobody@127.0.0.1:1/none", ("", "x", "mysql://x/y", "sqlite:///other.sqlite", "\udcff")),
    **dict.fromkeys(RULES, ("", NO_NUMBER)),
    "count": ("20", NO_NUMBER),
    # Commands in which a parameter of this name means something else.
    "talk number": ("0711000001", NO_PHONE),
    "admin add number": ("0711000001", NO_PHONE),
    "admin remove number": ("0711000004", (*NO_PHONE, "0711000009", "0711000001")),
    "admin sign-out number": ("0711000004", (*NO_PHONE, "0711000009")),
    "member mark-reassigned number": ("0711000001", (*NO_PHONE, "0711000009")),
    "export number": ("0711000001", (*NO_PHONE, "0711000009")),
    "erase number": ("0711000001", (*NO_PHONE, "0711000009")),
    "programme add code": ("", NO_CODE),
    "programme add zone": ("", ("Mars", "../etc/passwd")),
    "programme change name": ("", LONG),
    "programme cards add day": ("", NO_DAY),
    "programme cards remove code": ("1234567", NO_CODE),
    "export file": ("out.json", ("no/dir/x", ".", "/proc/x", "x" * 300)),
    "translate file": ("", (".", "/", "no/dir/x.po")),
    "translate language": ("sw", (*NO_LANGUAGE, "en")),
    "restore file": ("flow.yaml", (*NO_FILE, "flow.yaml")),
    "line export file": ("out.toml", ("no/dir/x", ".", "/proc/x", "x" * 300)),
    "line import file": ("lines.toml", NO_FILE),
    "line add number": ("0800 111 222", ("", "x", *LONG)),
    "line change number": ("", ("x", *LONG)),
    "line add kind": ("", ("x", "")),
    "line change kind": ("", ("x", "")),
    "line add verified": ("2026-11-20", (*NO_DAY, "2999-01-01", "")),
    "line add source": ("their site", ("", *LONG)),
    "line change name": ("", LONG),
    "flow show language": ("", ("xx", "")),
    "flow import file": ("rapidpro.json", (*NO_FILE, "flow.yaml")),
    "flow import which": ("", ("77", "nothing", "")),
    "flow import languages": ("", ("x", "eng=xx", "=")),
    "flow library name": ("", ("nothing", "../x")),
    "group add code": ("", ("4521", "12", "x", "1" * 400, "٤٥٦٧")),
    "group welcome words": ("Tea is ready", LONG),
    "series add at": ("15:00", NO_CLOCK),
    "series change at": ("", NO_CLOCK),
    "notice send at": ("", NO_TIME),
    "flow send at": ("", NO_TIME[:1] + NO_TIME[2:]),
    "meeting lead phone": ("0711000001", (*NO_PHONE, "0711000009")),
}
JUDGES = ("check", "flow check")  # their status 1 says that what they checked is not in order
ALWAYS = {"erase": ["--yes"], "notice send": ["--yes"]}
FLOW = """\
smsgate: 1
name: tea
title: {en: Tea}
languages: [en]
anonymous: true
keep_days: 30
steps:
- say: {en: Tea is ready.}
"""
FURNITURE = (
    ("group", "add", "Tumaini", "--code", "4521"),
    ("meeting", "add", "4521", "2099-12-01 14:00"),
    ("series", "add", "4521", "--every", "week", "--on", "fri", "--at", "15:00"),
    ("notice", "send", "4521", "Bring a cup", "--yes"),
    ("flow", "publish", "4521", "flow.yaml"),
    A_LINE,
    ("admin", "add", "0711000004"),
    ("programme", "add", "Side by side"),
)
RAPIDPRO = {"version": "13", "site": "x", "flows": []}


@dataclass
class Typed:
    """A command with values for its parameters."""

    path: str
    command: click.Command

    def line(self, changed: str = "", value: str = "") -> list[str]:
        """Return the words to type: a valid value for each parameter, or this value for the `changed` one."""
        words: list[str] = self.path.split()
        arguments: list[str] = []
        for parameter in self.command.params:
            given = value if parameter.name == changed else self.given(parameter)[0]
            if isinstance(parameter, click.Argument):
                arguments += [given] if given or parameter.name == changed else []
            elif parameter.name == changed or given:
                words += [f"{parameter.opts[0]}={given}"]
        return [*words, *ALWAYS.get(self.path, []), "--", *arguments]

    def given(self, parameter: click.Parameter) -> tuple[str, tuple[str, ...]]:
        name = str(parameter.name)
        if isinstance(parameter, click.Option) and parameter.is_flag:
            return "", ()
        return GIVEN.get(f"{self.path} {name}") or GIVEN[name]

    def wrong(self) -> Iterator[list[str]]:
        """Yield lines with one wrong value, and lines with a part too many or too few."""
        for parameter in self.command.params:
            for value in self.given(parameter)[1]:
                yield self.line(str(parameter.name), value)
        yield [*self.path.split(), "--no-such-option"]
        if not any(parameter.nargs == -1 for parameter in self.command.params):
            yield [*self.line(), "one", "too", "much", "of", "them"]
        if any(parameter.required for parameter in self.command.params):
            yield self.path.split()


def _all(command: click.Command, path: str = "") -> Iterator[Typed]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _all(below, f"{path} {name}".strip())
    elif not command.hidden:  # hidden ones are old names
        yield Typed(path, command)


COMMANDS = {typed.path: typed for typed in _all(cli.smsgate)}


@pytest.fixture(scope="module")
def furnished(sqlite_template: Path, valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a folder with a database that has one of everything, and the files that an operator would have."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copy(sqlite_template, folder / "smsgate.sqlite")
    (folder / "flow.yaml").write_text(FLOW)
    (folder / "rapidpro.json").write_text(json.dumps(RAPIDPRO))
    (folder / "lines.toml").write_text("")
    (folder / "broken.bin").write_bytes(b"\xff\xfe\x00{[broken" * 9)
    with pytest.MonkeyPatch.context() as patch:
        _at_the_machine(patch, folder, valkey)
        for line in FURNITURE:
            done = CliRunner().invoke(cli.smsgate, line)
            assert done.exit_code == 0, done.output
        _joins(folder, valkey)
    return folder


def _joins(folder: Path, valkey: str) -> None:
    """Let Amina join, which no command can do for her."""
    service = wire(Settings(f"sqlite:///{folder}/smsgate.sqlite", valkey, (TOKEN,), (KEY,), "simulator"))
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, "+254711000001", service.now())
        members.join(session, phone, "en", service.now())
    service.close()


def _at_the_machine(patch: pytest.MonkeyPatch, folder: Path, valkey: str) -> None:
    patch.chdir(folder)
    for name, value in zip(
        NEEDED, (f"sqlite:///{folder}/smsgate.sqlite", valkey, TOKEN, KEY, "simulator"), strict=True
    ):
        patch.setenv(name, value)
    patch.setenv("SMSGATE_BACKUP_KEY", KEY)


@pytest.fixture
def installation(furnished: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return that folder as the current one; tests can share it, since refused commands write nothing."""
    _at_the_machine(monkeypatch, furnished, redis_url)
    return furnished


def refusal(line: list[str], *, statuses: tuple[int, ...] = (2,), said: str = "") -> str:
    """Return "" if a line is refused as it should be (one line on standard error, the status), else what happened."""
    done = CliRunner().invoke(cli.smsgate, line)
    told = done.stderr.strip()
    if done.exit_code not in statuses or len(told.splitlines()) != 1 or "should not happen" in told:
        return f"{line}: {done.exit_code} {told or done.output!r} {done.exception!r}"
    fits = told.startswith("smsgate: ") and len(told) < 500 and said in told
    return "" if fits or line[0] == "check" else f"{line}: {told}"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_wrong_argument_is_refused_in_a_line(installation: Path, path: str) -> None:
    typed = COMMANDS[path]
    found = [refusal(line) for line in typed.wrong() if path != "flow check" or "broken.bin" not in line]
    assert not any(found), "\n".join(filter(None, found))


BROKEN = {
    "DATABASE_URL": ("mysql://x@y/z", "nonsense", "sqlite:////no/dir/x", "postgresql://x@127.0.0.1:1/x",
                     "postgresql://h:port/x", "oracle://x", "sqlite:///broken.bin"),
    "REDIS_URL": ("nonsense", "http://127.0.0.1", "redis://127.0.0.1:port"),
    "SMSGATE_KEYS": ("nonsense", "c" * 64, "+" + "c" * 64),
    "SMSGATE_GATEWAY": ("pigeon",),
    "SMSGATE_COUNTRIES": ("XX", "KE,Kenya", ",", "٤٤"),
    "SMSGATE_LOG_LEVEL": ("LOUD",),
    "WEB_CONCURRENCY": ("0", "-1", "many", "1000000"),
    "PORT": ("0", "99999", "http"),
    "SMSGATE_SERVICE_CODE": ("384", "*#", "**384#", "*٣٨٤#"),
    "SMSGATE_HOOK_TOKENS": ("short", "with a space in the token"),
    "SMSGATE_OPERATOR_NUMBER": ("0711",),
    "SMSGATE_ADDRESS": ("smsgate.example.org", "ftp://x"),
    "AFRICASTALKING_URL": ("nowhere",),
    "SMSGATE_ALLOW_CODE": ("a code that is far too long for an SMS",),
}  # fmt: skip
NEEDS_NOTHING = (
    "flow check",
    "flow show",
    "flow import",
    "flow export",
    "flow library",
    "rehearse",
    "run",
    "translate",
)


@pytest.mark.parametrize("setting", BROKEN)
def test_a_setting_that_cannot_be_is_said_in_a_line(
    installation: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    found: list[str] = []
    lines = [typed.line() for path, typed in COMMANDS.items() if path not in NEEDS_NOTHING]
    for at, value in enumerate(BROKEN[setting]):
        monkeypatch.setenv(setting, value)
        for line in lines[at % 7 :: 7]:  # a sample: all read the settings the same way
            found.append(refusal(line, statuses=(1, 2) if line[0] == "check" else (2,)))
    assert not any(found), "\n".join(filter(None, found))


def test_a_database_of_another_release_is_said_in_a_line(
    installation: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(installation / "smsgate.sqlite", tmp_path / "old.sqlite")
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/old.sqlite")
    found = [
        refusal(typed.line(), statuses=(1, 2) if path == "check" else (2,), said="smsgate migrate")
        for path, typed in COMMANDS.items()
        if path not in (*NEEDS_NOTHING, "migrate", "backup", "restore")
    ]
    assert not any(found), "\n".join(filter(None, found))


STAYS = ("web", "worker", "scheduler", "clock", "talk", "run", "rehearse", "translate")  # run until told to stop


def test_without_redis_every_command_does_its_work_or_says_so_in_a_line(
    installation: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Queued texts wait in the database; a command that needs Redis itself says that it is down."""
    found: list[str] = []
    for path, typed in COMMANDS.items():
        if path.split()[0] in STAYS:
            continue
        folder = tmp_path / path.replace(" ", "-")
        shutil.copytree(installation, folder)
        _at_the_machine(monkeypatch, folder, "redis://127.0.0.1:1")
        done = CliRunner().invoke(cli.smsgate, typed.line())
        if done.exit_code and not (path in JUDGES and done.exit_code == 1):
            found.append(refusal(typed.line()))
    assert not any(found), "\n".join(filter(None, found))
