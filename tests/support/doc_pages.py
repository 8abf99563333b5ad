"""Pages of `docs/` that are generated from the code: the settings, the command and the addresses."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import groupby
from typing import Any

import click
from flask import Flask
from werkzeug.routing import Rule

from smsgate.cli import smsgate
from smsgate.core import config
from smsgate.core.config import Settings, SettingsError
from smsgate.web import Application
from tests.support.settings_guide import MEANINGS

WRITTEN = "`tests/docs/test_generated_pages.py` generates this page from {source}.\n"
INTRODUCTION = r"""
`smsgate COMMAND --help` says what a command does and shows an example. Commands say *add*, *list*, *show*, *change* and
*remove* everywhere; a command that got another name keeps the old one, hidden, for one release.

## Exit codes

| code | |
|---|---|
| 0 | All went well. |
| 1 | A check found something wrong (`check`, `flow check`, `rotate`), or you answered no or pressed Ctrl-C. |
| 2 | The command was refused or could not finish. One line on standard error says why. |

## For scripts

Commands that list or show something print JSON with `--json`: a list of objects or one object, times in ISO 8601 with
their offset, and the same "fewer than 5" in place of small counts. `smsgate check --json` prints `ok`, `faults` and
`notes`.
Without `--json` they print tables that fit 80 columns; times are in the group's time zone, which is shown. Progress
bars appear only on a terminal.

## Completion in your shell

Add one line to your shell's settings and open a new terminal; then the Tab key completes commands, options and choices.

| shell | file | line |
|---|---|---|
| bash 4.4 or newer | `~/.bashrc` | `eval "$(_SMSGATE_COMPLETE=bash_source smsgate)"` |
| zsh | `~/.zshrc` | `eval "$(_SMSGATE_COMPLETE=zsh_source smsgate)"` |
| fish | `~/.config/fish/completions/smsgate.fish` | `_SMSGATE_COMPLETE=fish_source smsgate \| source` |
"""
EXAMPLE = "Example: "
NEEDED = {
    "DATABASE_URL": "sqlite:///x", "REDIS_URL": "unix:///x", "SMSGATE_HOOK_TOKENS": "t" * 32, "SMSGATE_KEYS": "k",
    "SMSGATE_GATEWAY": "africastalking", "AFRICASTALKING_USERNAME": "name", "AFRICASTALKING_API_KEY": "key",
}  # fmt: skip
RANGE = re.compile(r"from (\d+) to (\d+)\.$")


class Recording(dict[str, str]):
    """An environment that records, in order, which settings are read."""

    def __init__(self) -> None:
        super().__init__(NEEDED)
        self.asked: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = None
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked[name] = None
        return super().get(name, default)


def settings_read() -> list[str]:
    """Return the names of all settings that `config.load` reads, in order."""
    environment = Recording()
    config.load(environment)
    return list(environment.asked)


def field_of(name: str) -> str:
    """Return the name of the field of `Settings` that holds a setting."""
    plain = name.removeprefix("SMSGATE_").replace("AFRICASTALKING_FALLBACK_", "FALLBACK_").lower()
    return {"web_concurrency": "web_processes"}.get(plain, plain)


def settings_page() -> str:
    """Return the page of every setting with its meaning, default and bounds."""
    names = {field_of(name): name for name in settings_read()}
    needed, others = [], []
    for field in fields(Settings):
        name = names[field.name]
        if field.default is MISSING:
            needed.append(_row(f"`{name}`", MEANINGS[name]))
        else:
            others.append(_row(f"`{name}`", _default(field.default), _bounds(name), MEANINGS[name]))
    return "\n".join(
        [
            "# Settings\n",
            WRITTEN.format(source="`tests/support/settings_guide.py` and `smsgate/core/config.py`"),
            "All settings are environment variables, the same for every process. If one is wrong, the service says\n"
            "so and doesn't start. `make run` needs none: it creates missing ones in `var/settings.env`.\n",
            "## Needed\n",
            _row("setting", "meaning"),
            "|---|---|",
            *needed,
            "\nWith `SMSGATE_GATEWAY=africastalking` also `AFRICASTALKING_USERNAME` and `AFRICASTALKING_API_KEY`.\n",
            "## With a default\n",
            _row("setting", "default", "from, to", "meaning"),
            "|---|---|---|---|",
            *others,
            "",
        ]
    )


def _default(value: object) -> str:
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{text}`" if text else ""


def _bounds(name: str) -> str:
    """Return the range of a whole number, as its error message gives it; "" for other kinds of settings."""
    try:
        config.load({**NEEDED, name: "-"})
    except SettingsError as refusal:
        found = RANGE.search(str(refusal))
        return f"{found[1]} to {found[2]}" if found else ""
    return ""


def command_page() -> str:
    """Return the page of all commands, with what their `--help` says."""
    head = "# The command\n\n" + WRITTEN.format(source="the `--help` of each command") + INTRODUCTION
    return head + "".join(_commands(smsgate, "smsgate"))


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield this command and all below it, each with its full name, except for old names, which are hidden."""
    if command.hidden:
        return
    yield name, command
    if isinstance(command, click.Group):
        for part in sorted(command.commands):
            yield from commands(command.commands[part], f"{name} {part}")


def _commands(root: click.Command, name: str) -> Iterator[str]:
    for full_name, command in commands(root, name):
        context = click.Context(command, info_name=full_name)
        usage = " ".join([full_name, *command.collect_usage_pieces(context)])
        yield f"\n{'##' if full_name.count(' ') < 2 else '###'} {full_name}\n\n```\n{usage}\n```\n"
        yield f"\n{_paragraphs(command.help or '')}\n"
        if command.epilog and command.epilog.startswith(EXAMPLE):
            yield f"\n```\n{command.epilog.removeprefix(EXAMPLE)}\n```\n"
        records = [record for part in command.get_params(context) if (record := part.get_help_record(context))]
        options = [_row(f"`{option}`", told) for option, told in records if "--help" not in option]
        if options:
            yield "\n" + "\n".join([_row("option", ""), "|---|---|", *options]) + "\n"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).replace("\b", "").split("\n\n"))


def addresses_page(app: Application) -> str:
    """Return the page of every address of the web process, by the module that answers it."""
    return "\n".join(
        [
            "# The addresses\n",
            WRITTEN.format(source="the route table"),
            "`<token>` is one of `SMSGATE_HOOK_TOKENS`, or the secret of a calendar. Below `/console` every page but",
            "those for signing in needs a sign-in; see `smsgate/web/console/accounts/permissions.py`.\n",
            *_addresses(app),
            "## The console\n",
            *_addresses(app.console),
        ]
    )


def _addresses(app: Flask) -> Iterator[str]:
    def module(rule: Rule) -> str:
        return str(inspect.unwrap(app.view_functions[rule.endpoint]).__module__)

    for name, rules in groupby(sorted(app.url_map.iter_rules(), key=lambda rule: (module(rule), str(rule))), module):
        document = sys.modules[name].__doc__ or "" if name.startswith("smsgate.") else "Files that the pages load."
        yield " ".join(document.split("\n\n")[0].split()) + "\n"
        yield from [_row("address", "method"), "|---|---|"]
        for address, same in groupby(rules, str):
            methods = {method for rule in same for method in rule.methods or ()} - {"HEAD", "OPTIONS"}
            yield _row(f"`{address}`", ", ".join(sorted(methods)))
        yield ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
