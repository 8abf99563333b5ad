"""The `smsgate` command: one file for each of its rooms; `--help` of each says what a volunteer needs to know."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from smsgate.cli import (
    calendars,
    crisis_lines,
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
    serve, groups, notices, calendars, series, staff, surveys, crisis_lines, operations, members, rehearse,
)  # fmt: skip
for part in PARTS:
    for command in part.COMMANDS:
        smsgate.add_command(command)


def main() -> None:
    """Run a command; what a person can mend is said in a sentence and ends with 1."""
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
