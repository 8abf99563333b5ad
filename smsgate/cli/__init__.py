"""The `smsgate` command line.

Each module holds one family of commands and lists its click commands in `COMMANDS`, which this module adds to the root
command. `serve` starts the long-running processes (web, worker, scheduler), `dev_server` runs all of them in one
terminal, `operations` is for whoever looks after the installation, and the others manage groups, meetings, notices,
surveys, crisis lines, roles and people.

A command wires the service with `context.wired_service`, opens one transaction, calls the domain packages and prints
what they return; no rule of the service lives here. `refusals` turns whatever stops a command into one line on standard
error and exit status 2; `check` and its like end with 1, to say that something is not in order. Command names, options
and output are a fixed interface that operators' scripts rely on, and the docstrings of commands are their `--help`,
written for volunteers.

Begin reading at `main`, then `context.py` and `groups.py`, whose lookups and formatting the other modules share.
"""

from __future__ import annotations

import os

import click

from smsgate.cli import (
    backups,
    calendars,
    crisis_lines,
    failures,
    groups,
    members,
    notices,
    operations,
    series,
    serve,
    staff,
    surveys,
)
from smsgate.cli.local import rehearse, translate
from smsgate.cli.refusals import SmsgateCommands
from smsgate.core import logs
from smsgate.core.config import OWNER_ONLY


@click.group(cls=SmsgateCommands, context_settings={"help_option_names": ["-h", "--help"]})
def smsgate() -> None:
    """SMS and USSD for peer support groups, where a phone has no data."""


PARTS = (
    serve, groups, notices, calendars, series, staff, surveys, crisis_lines, operations, backups, failures, members,
    rehearse, translate,
)  # fmt: skip
for part in PARTS:
    for command in part.COMMANDS:
        smsgate.add_command(command)


def main() -> None:
    """Run a command and exit; `refusals` says in one line what stopped it."""
    os.umask(OWNER_ONLY)
    logs.configure_command()
    smsgate()
