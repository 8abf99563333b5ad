"""The `smsgate` command line.

Each module holds one family of commands and lists them in `COMMANDS`, which this module adds to the root command.
`serve` starts the long-running processes (web, worker, scheduler), `local/dev_server` runs all of them in one terminal,
`operations` and `backups` are for operators, and the others manage groups, meetings, notices, surveys, crisis lines,
programmes, roles and people.

A command wires the service with `context.wired_service`, opens one transaction, calls the domain packages and prints
what they return; no business rule lives here. `refusals` turns every error that stops a command into one line on
standard error and exit status 2; checks, such as `check`, exit with 1 if something is wrong. Operators' scripts rely on
command names, options and `--json`: a renamed command keeps its old name for one release (`context.renamed`). The
docstring of a command is its `--help`, starting with one sentence, and its `epilog` is an example.

Start reading at `main`, then `context.py`, `arguments.py` (what operators type) and `output.py` (what they read).
"""

from __future__ import annotations

import os

import click

from smsgate.cli import (
    backups,
    context,
    crisis_lines,
    groups,
    meetings,
    members,
    notices,
    operations,
    programmes,
    series,
    serve,
    staff,
    surveys,
)
from smsgate.cli.local import rehearse, translate
from smsgate.cli.refusals import SmsgateCommands
from smsgate.core import logs
from smsgate.core.config import OWNER_ONLY

ENDS = """Exit codes: 0, all went well. 1, a check found something wrong, or you stopped the command. 2, the command was
refused or could not finish; one line on standard error says why."""


@click.group(cls=SmsgateCommands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=ENDS)
def smsgate() -> None:
    """SMS and USSD for peer support groups, where a phone has no data."""


PARTS = (
    serve, groups, meetings, notices, series, staff, surveys, crisis_lines, programmes, operations, backups, members,
    rehearse, translate,
)  # fmt: skip
for part in PARTS:
    for command in part.COMMANDS:
        smsgate.add_command(command)
context.renamed(smsgate, "clock", "scheduler")


def main() -> None:
    """Run a command and exit; if it fails, `refusals` says why in one line."""
    os.umask(OWNER_ONLY)
    logs.configure_command()
    smsgate(prog_name="smsgate")
