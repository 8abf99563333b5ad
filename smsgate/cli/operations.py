"""Operations: migrate, check the installation, rotate keys, inspect the outbox, pause and resume sending."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

import click
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate.cli.backups import late_backup_sentence
from smsgate.cli.context import unchecked_service, wired_service
from smsgate.cli.groups import get_group
from smsgate.core import migrations
from smsgate.core.encryption import WrongKey
from smsgate.core.migrations import NotMigrated
from smsgate.core.rotation import key_rotation
from smsgate.flows.checks import catalogues
from smsgate.gateways import Prepaid
from smsgate.help.crisis import crisis_lines
from smsgate.models import Base, Group, MessageStatus
from smsgate.outbox import credit, kill_switches, summary
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitState
from smsgate.outbox.summary import OutboxCount
from smsgate.service import Service
from smsgate.web import forwarded


@click.command()
@click.option("--to", metavar="MIGRATION", help="Go to this migration, like 0027, forward or back.")
@click.option("--yes", is_flag=True, help="Do not ask before going back.")
def migrate(to: str | None, yes: bool) -> None:
    """Bring the database to this release's form. Run it before the processes of a new release start.

    The release before goes on meanwhile, and may be started again. Going back loses what only the newer form holds.
    """
    service = unchecked_service()
    if to is not None and migrations.goes_back(service.database, to) and not yes:
        click.confirm(f"Go back to migration {to}, and lose what only later ones hold?", abort=True)
    migrations.migrate(service.database, to)
    click.echo(f"The database is at migration {to}." if to else "The database is ready.")


@click.command()
@click.argument("what", type=click.Choice(["all", "catalogues"]), default="all")
def check(what: str) -> None:
    """Look whether everything is in order: settings, database, keys, Redis, catalogues. Ends with 1 if not."""
    faults, notes = catalogues.faults(), []
    if what == "all":
        service = unchecked_service()
        faults += _unreachable(service)
        notes = [] if faults else _notes(service)
    for note in notes:
        click.echo(note)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("Everything is reachable and in order." if notes else "All is well.")


@click.command()
def rotate() -> None:
    """Seal all numbers and words with the newest key.

    To turn keys: put a new key in front of SMSGATE_KEYS with a + before it, restart every process, take the + away,
    restart again, run this, take the old key out, restart a last time. It may run while the service works, and may be
    run again if it was cut off.
    """
    database = unchecked_service().database
    migrations.check_release(database)
    done = key_rotation.rotate(database, Base.metadata)
    click.echo(f"{done.values} values sealed anew.")
    if done.twins:
        click.echo(f"Keep the old key and ask a developer. One number has two rows: {', '.join(done.twins)}", err=True)
        sys.exit(1)


def _notes(service: Service) -> list[str]:
    """Return what to know although nothing is broken: kill switches, crisis lines, credit, open circuits."""
    now = service.now()
    with service.database.reading() as session:
        notes = pause_sentences(session)
        notes += late_backup_sentence(session, service)
        notes += crisis_lines.warnings(session, service.settings.countries, now.date())
        short_accounts = [name for name, account in credit.accounts(session).items() if credit.is_short(account, now)]
    notes += forwarded.warnings(service)
    notes += [f"The account {name} is short of credit. {credit.DO}" for name in short_accounts]
    for gateway in filter(None, (service.gateway, service.fallback)):
        record = Circuit(service.redis, gateway.name).seen()
        if record.state_at(now) is not CircuitState.CLOSED:
            notes.append(f"The gateway {gateway.name} is in trouble ({record.reason}); it is tried again by itself.")
    return notes


def _unreachable(service: Service) -> list[str]:
    faults = []
    try:
        migrations.check(service.database)
    except (NotMigrated, WrongKey) as problem:
        faults.append(str(problem))
    except SQLAlchemyError as problem:
        faults.append(f"The database cannot be reached: {type(problem).__name__}")
    try:
        service.redis.ping()
    except RedisError as problem:
        faults.append(f"Redis cannot be reached: {type(problem).__name__}")
    return faults + [
        f"The gateway {gateway.name} cannot be reached, or refuses its name and key: it does not tell its credit."
        for gateway in filter(None, (service.gateway, service.fallback))
        if isinstance(gateway, Prepaid) and gateway.balance() is None
    ]


WHEN = "%a %d %b %H:%M"


@click.command()
def outbox() -> None:
    """Show how many texts wait, and until when; what is on its way; and what ended within a day. Times are UTC."""
    service = wired_service()
    with service.database.reading() as session:
        counts = summary.current_counts(session, service.now())
        last_run = summary.last_scheduler_run(session)
    Console().print(counts_table(counts, UTC))
    click.echo(
        f"The clock made its last round {last_run:%Y-%m-%d %H:%M:%S} UTC." if last_run else "No clock has run yet."
    )


def counts_table(counts: Iterable[OutboxCount], zone: tzinfo) -> Table:
    """Lay out message counts by status as a table. For waiting texts it gives the due times, in `zone`."""
    layout = Table("lane", "kind", "state", "why", "texts", f"due ({zone})")
    for row in counts:
        layout.add_row(row.lane, row.kind, row.state, row.reason, str(row.count), _due(row, zone))
    return layout


def _due(row: OutboxCount, zone: tzinfo) -> str:
    if row.state is not MessageStatus.WAITING:
        return ""
    first, last = (due.astimezone(zone) for due in (row.first_due, row.last_due))
    same_day = first.date() == last.date()
    return f"{first:{WHEN}}" if first == last else f"{first:{WHEN}} to {last:{'%H:%M' if same_day else WHEN}}"


OF_GROUP = click.option("--group", "code", help="The code of the one group; without it, everything but help texts.")


@click.command()
@OF_GROUP
def pause(code: str | None) -> None:
    """Stop all texts at once, or those of one group. Help texts always leave.

    For when something is wrong: texts to the wrong people, the wrong words, or far too many. Texts that wait are kept
    until `smsgate resume`, and those that are too late by then are dropped. Dialling works as always.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = _chosen_group(session, code)
        kill_switches.pause(session, group, service.now())
        again = f"smsgate resume --group {group.code}" if group else "smsgate resume"
        click.echo(f"{_subject(group)} paused; help texts go on. To let the others leave: {again}")


@click.command()
@OF_GROUP
def resume(code: str | None) -> None:
    """Let texts leave again after `smsgate pause`. To drop a notice instead, stop it first: smsgate notice stop."""
    service = wired_service()
    with service.database.transaction() as session:
        group = _chosen_group(session, code)
        was_paused = kill_switches.resume(session, group, service.now())
        click.echo(f"{_subject(group)} going on." if was_paused else "Nothing was paused.")
        for line in pause_sentences(session):
            click.echo(line)


def pause_sentences(session: Session) -> list[str]:
    """Return a sentence for each kill switch that is on."""
    status = kill_switches.kill_switch_status(session)
    sentences = [f"The group {group.code} is paused since {_utc(since)}." for group, since in status.groups]
    if status.everything:
        sentences.insert(0, f"Everything but help texts is paused since {_utc(status.everything)}.")
    return sentences


def _utc(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _chosen_group(session: Session, code: str | None) -> Group | None:
    return get_group(session, code) if code is not None else None


def _subject(group: Group | None) -> str:
    return f"The group {group.code} is" if group else "Everything is"


COMMANDS = (
    migrate,
    check,
    rotate,
    outbox,
    pause,
    resume,
)
