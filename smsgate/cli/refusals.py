"""Reports errors that stop a command, the same way for all: one line on standard error and exit status 2."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, SQLAlchemyError

from smsgate.core import config
from smsgate.core.encryption import WrongKey
from smsgate.core.errors import Invalid
from smsgate.core.migrations import NotMigrated

REFUSED = 2
LONGEST_WORD = 120  # characters of the input that a message repeats


class SmsgateCommands(click.Group):
    """The root command. Any error that stops a command is reported in one line, with exit status 2."""

    def main(self, *args: Any, **options: Any) -> NoReturn:  # noqa: ANN401 - click's
        """Run a command and exit."""
        try:
            status = super().main(*args, **{**options, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as asked:
            asked.show()
            sys.exit(REFUSED)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(1)
        except Exception as problem:  # noqa: BLE001 - operators get a sentence for every error
            click.echo(f"smsgate: {sentence(problem)}", err=True)
            sys.exit(REFUSED)
        sys.exit(status or 0)


def sentence(problem: Exception) -> str:
    """Say what went wrong on one line, in words for the person who typed the command."""
    words = next((words for kinds, words in SENTENCES if isinstance(problem, kinds)), _unexpected)
    return " ".join(_clipped(word) for word in words(problem).split())


def _clipped(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD // 2]}…"


def _usage(problem: click.ClickException) -> str:
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    return f"{problem.format_message()} See: {context.command_path} --help" if context else problem.format_message()


def _database(problem: SQLAlchemyError) -> str:
    return f"The database cannot be reached, or does not work: {type(problem).__name__}. See: smsgate check"


def _redis(problem: RedisError) -> str:
    return f"Redis cannot be reached, or does not work: {type(problem).__name__}. See: smsgate check"


def _system(problem: OSError) -> str:
    """Explain an error of the system, such as a file that cannot be used or a port that is taken."""
    if problem.errno == errno.EADDRINUSE:
        return "That port is in use by another process. Stop that one, or choose another port."
    reason = (problem.strerror or type(problem).__name__).lower()
    return f"{problem.filename} cannot be used: {reason}." if problem.filename else f"That did not work: {reason}."


def _unexpected(problem: Exception) -> str:
    """Name the error and its place in the code; with SMSGATE_LOG_LEVEL=DEBUG, print the traceback first."""
    if config.is_debugging():
        traceback.print_exception(problem)
    at = traceback.extract_tb(problem.__traceback__)[-1]
    where = f"{Path(at.filename).name}, line {at.lineno}"
    return f"Something that should not happen: {type(problem).__name__} in {where}. Please tell a developer."


SENTENCES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], str]], ...] = (
    (click.ClickException, _usage),
    (UnicodeError, lambda _: "There is text that is not UTF-8."),
    ((config.SettingsError, WrongKey, NotMigrated, Invalid), str),
    ((DataError, OverflowError), lambda _: "There is a number or text that is too large."),
    (SQLAlchemyError, _database),
    (RedisError, _redis),
    (OSError, _system),
)
