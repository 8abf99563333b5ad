"""Reports what stops a command in one line on standard error, with status 2, for every command alike."""

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
LONGEST_WORD = 120  # of the input, repeated in messages


class SmsgateCommands(click.Group):
    """The root command. Whatever stops one of its commands ends it with one line and status 2."""

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
        except Exception as problem:  # noqa: BLE001 - an operator gets a sentence, whatever happened
            click.echo(f"smsgate: {sentence(problem)}", err=True)
            sys.exit(REFUSED)
        sys.exit(status or 0)


def sentence(problem: Exception) -> str:
    """What went wrong, in words for the person who typed the command, on one line."""
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
    """An error of the system: a file that cannot be used, a port that is taken."""
    if problem.errno == errno.EADDRINUSE:
        return "That port is in use by another process. Stop that one, or choose another port."
    reason = (problem.strerror or type(problem).__name__).lower()
    return f"{problem.filename} cannot be used: {reason}." if problem.filename else f"That did not work: {reason}."


def _unexpected(problem: Exception) -> str:
    """Name the place; on SMSGATE_LOG_LEVEL=DEBUG the whole way there comes first."""
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
