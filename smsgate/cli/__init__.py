"""The `smsgate` command line.

Each module holds one family of commands and lists its click commands in `COMMANDS`, which this module adds to the root
command. `serve` starts the long-running processes (web, worker, scheduler), `dev_server` runs all of them in one
terminal, `operations` is for whoever looks after the installation, and the others manage groups, meetings, notices,
surveys, crisis lines, roles and people.

A command wires the service with `context.wired_service`, opens one transaction, calls the domain packages and prints
what they return; no rule of the service lives here. `main` turns an error that an operator can fix into one sentence
on standard error and exit status 1. Command names, options and output are a fixed interface that operators' scripts
rely on, and the docstrings of commands are their `--help`, written for volunteers.

Begin reading at `main`, then `context.py` and `groups.py`, whose lookups and formatting the other modules share.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from smsgate.cli import (
    backups,
    calendars,
    crisis_lines,
    failures,
    groups,
    members,
    notices,
    operations,
    rehearse,
    series,
    serve,
    staff,
    surveys,
)
from smsgate.core.config import SettingsError
from smsgate.core.encryption import WrongKey
from smsgate.core.errors import Invalid
from smsgate.core.migrations import NotMigrated


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def smsgate() -> None:
    """SMS and USSD for peer support groups, where a phone has no data."""


PARTS = (
    serve, groups, notices, calendars, series, staff, surveys, crisis_lines, operations, backups, failures, members,
    rehearse,
)  # fmt: skip
for part in PARTS:
    for command in part.COMMANDS:
        smsgate.add_command(command)


def main() -> None:
    """Run a command. An error that the operator can fix is reported in one sentence, with exit status 1."""
    try:
        smsgate()
    except (SettingsError, WrongKey, NotMigrated, Invalid) as problem:
        _refuse(str(problem))
    except (OperationalError, InterfaceError) as problem:
        _refuse(f"The database cannot be reached: {type(problem).__name__}. See: smsgate check")
    except RedisError as problem:
        _refuse(f"Redis cannot be reached: {type(problem).__name__}. See: smsgate check")


def _refuse(why: str) -> NoReturn:
    click.echo(f"smsgate: {why}", err=True)
    sys.exit(1)
