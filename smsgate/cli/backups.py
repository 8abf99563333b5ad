"""`smsgate backup`, `restore` and `move`. Each error is one sentence, with exit status 2."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate.cli.context import unchecked_service
from smsgate.cli.output import progress_bar
from smsgate.core import migrations
from smsgate.core.backups import backup as backups
from smsgate.core.backups import move as moving
from smsgate.core.backups import rows, schedule
from smsgate.core.backups.encrypted_file import BackupError, parsed_key
from smsgate.core.config import SettingsError
from smsgate.core.database import Database
from smsgate.core.encryption import WrongKey
from smsgate.core.errors import Invalid
from smsgate.core.migrations import NotMigrated
from smsgate.core.waits.limits import COMMAND
from smsgate.models import Base, scheduler_runs
from smsgate.outbox import kill_switches, summary
from smsgate.service import Service

LATE = timedelta(days=2)  # since the last backup: `smsgate check` mentions it
STOPPED_FOR = timedelta(seconds=30)  # a running scheduler never pauses for that long
FILE = click.Path(path_type=Path, dir_okay=False)


class Refused(click.ClickException):
    """An error that is printed as one sentence on standard error, with exit status 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence like the errors of other commands."""
        click.echo(f"smsgate: {self.message}", err=True)


class PlainCommand(click.Command):
    """A command that reports its errors in words for operators."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's
        """Run the command; raise Refused with one sentence for errors that an operator can put right."""
        try:
            return super().invoke(ctx)
        except (BackupError, SettingsError, WrongKey, NotMigrated, Invalid) as problem:
            raise Refused(str(problem)) from None
        except OSError as problem:
            raise Refused(f"{problem.filename or 'The file'}: {problem.strerror or problem}.") from None
        except SQLAlchemyError as problem:
            raise Refused(f"The database failed: {type(problem).__name__}. See: smsgate check") from None


@click.command(cls=PlainCommand, epilog="Example: smsgate backup --keep 14 /var/backups/smsgate")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--keep", type=click.IntRange(1, 10_000), metavar="N",
              help="FILE is a folder: write a new file there, then delete all but the newest N.")  # fmt: skip
def backup(target: Path, keep: int | None) -> None:
    """Back up the whole database to FILE, encrypted with SMSGATE_BACKUP_KEY, while the service runs.

    The file is read back in full before it counts. Keep SMSGATE_BACKUP_KEY and SMSGATE_KEYS somewhere else: restoring
    needs both.
    """
    service = unchecked_service()
    key, now = parsed_key(service.settings.backup_key), service.now()
    if keep is not None and not target.is_dir():
        raise BackupError(f"{target} is no folder. Make it first, or leave --keep away.")
    path = target if keep is None else target / schedule.name_at(now)
    if keep is not None:
        schedule.forget_dead(target)
    with progress_bar("Backing up", _rows_of(service)) as progress:
        written = backups.write(service.database, Base.metadata, path, key, now, progress)
    forgotten = schedule.forget_older(target, keep) if keep is not None else []
    with service.database.transaction() as session:
        scheduler_runs.record_run(session, scheduler_runs.BACKUP, service.now())
    click.echo(f"{path}: {written.rows} rows, read back and verified.")
    if forgotten:
        click.echo(f"Older ones deleted: {len(forgotten)}.")


def _rows_of(service: Service) -> int:
    with rows.snapshot(service.database.engine) as connection:
        return sum(rows.count(connection, table) for table in rows.tables_of(connection, Base.metadata))


@click.command(cls=PlainCommand, epilog="Example: smsgate restore smsgate.backup --check")
@click.argument("file", type=FILE)
@click.option("--check", "only_check", is_flag=True, help="Read FILE in full and say what is in it. Nothing changes.")
def restore(file: Path, only_check: bool) -> None:
    """Restore FILE to the empty database of DATABASE_URL, all of it or nothing.

    Texts other than help texts are paused afterwards, because the backup does not know what happened since: people may
    have texted STOP, and waiting texts may have been sent. Check smsgate outbox first, then run smsgate resume.
    """
    service = unchecked_service()
    key = parsed_key(service.settings.backup_key)
    contents = backups.contents_of(file, key)
    total = sum(contents.counts.values())
    if only_check:
        with progress_bar("Reading", total) as progress:
            backups.read_to_end(file, key, progress)
        click.echo(f"{file} is complete: {total} rows, of {contents.made_at:%Y-%m-%d %H:%M} UTC.")
        return
    with progress_bar("Restoring", 2 * total) as progress:
        pause = partial(kill_switches.pause, group=None, now=service.now())
        backups.restore(service.database, Base.metadata, file, key, progress, at_end=pause)
    click.echo(f"{total} rows restored and compared, as of {contents.made_at:%Y-%m-%d %H:%M} UTC.")
    click.echo("All texts but help texts are paused; some may have been sent. See: smsgate outbox, smsgate resume")


@click.command(cls=PlainCommand, epilog="Example: smsgate move postgresql://user:password@host/name")
@click.argument("url", envvar="SMSGATE_MOVE_TO")
def move(url: str) -> None:
    """Move everything from the SQLite database of DATABASE_URL to the empty PostgreSQL database at URL.

    Stop the service first: while it runs, nothing is moved. Each row is compared. If interrupted, run it again. The old
    file stays unchanged, but no process accepts it any more. Put the address in SMSGATE_MOVE_TO to hide it from other
    users of the machine.
    """
    service = unchecked_service()
    _refuse_while_running(service)
    try:
        target = Database(url, service.keyring, limits=COMMAND)
    except (ArgumentError, ValueError):
        raise BackupError("That is no address of a database: postgresql://user:password@host/name") from None
    click.get_current_context().call_on_close(target.engine.dispose)
    with progress_bar("Moving", 5 * _rows_of(service)) as progress:
        count = moving.move(service.database, target, Base.metadata, progress)
    click.echo(f"{count} rows moved and compared. Now set DATABASE_URL to that address and start the service.")


def _refuse_while_running(service: Service) -> None:
    """Raise BackupError if a scheduler ran just now: what its service goes on to write would be left behind."""
    migrations.check_release(service.database)
    with service.database.reading() as session:
        last = summary.last_scheduler_run(session)
    if last is not None and abs(service.now() - last) < STOPPED_FOR:
        raise BackupError("The service is still running. Stop every process, wait half a minute and run this again.")


def late_backup_sentence(session: Session, service: Service) -> list[str]:
    """Return a sentence, in a list, if there was no backup in the last two days, or ever where texts reach people."""
    last, settings = scheduler_runs.last_run(session, scheduler_runs.BACKUP), service.settings
    if last is None and (settings.backup_key or not settings.simulated):
        first = "" if settings.backup_key else "Set SMSGATE_BACKUP_KEY. "
        return [f"No backup was ever made. {first}See: smsgate backup --help"]
    if last is None or service.now() - last < LATE:
        return []
    return [f"The last backup was made on {last:%Y-%m-%d}. See: smsgate backup --help"]


COMMANDS = (backup, restore, move)
