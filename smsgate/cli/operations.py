"""Operations: migrate, check, rotate keys, show the outbox and failures, pause and resume sending."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo

import click
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group
from smsgate.cli.backups import late_backup_sentence
from smsgate.cli.context import unchecked_service, wired_service
from smsgate.cli.output import AS_JSON, WHEN, print_json, print_rows, progress_bar, table
from smsgate.core import migrations
from smsgate.core.encryption import WrongKey
from smsgate.core.migrations import NotMigrated
from smsgate.core.rotation import key_rotation
from smsgate.flows.checks import catalogues
from smsgate.gateways import Prepaid
from smsgate.help.crisis import crisis_lines
from smsgate.models import Base, Group, MessageStatus, row_failures
from smsgate.outbox import credit, kill_switches, set_aside, summary
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitState
from smsgate.outbox.summary import OutboxCount
from smsgate.service import Service
from smsgate.web import forwarded

SHOWN = 20  # rows that a key rotation names


@click.command(epilog="Example: smsgate migrate")
@click.option("--to", metavar="MIGRATION", help="Go to this migration, like 0027, forward or back.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation before going back.")
def migrate(to: str | None, yes: bool) -> None:
    """Apply database migrations, before you start the processes of a new release.

    Processes of the previous release keep running, and can be started again. Going back loses data that only the newer
    tables hold.
    """
    service = unchecked_service()
    if to is not None and migrations.goes_back(service.database, to) and not yes:
        click.confirm(f"Go back to migration {to} and lose what only later ones hold?", abort=True)
    migrations.migrate(service.database, to)
    click.echo(f"The database is at migration {to}." if to else "The database is ready.")


@click.command(epilog="Example: smsgate check")
@click.argument("what", type=click.Choice(["all", "catalogues"]), default="all")
@AS_JSON
def check(what: str, as_json: bool) -> None:
    """Check settings, database, keys, Redis and translations, and exit with 1 if something is wrong."""
    faults, notes = catalogues.faults(), []
    if what == "all":
        service = unchecked_service()
        faults += _unreachable(service)
        notes = [] if faults else _notes(service)
    if as_json:
        print_json({"ok": not faults, "faults": faults, "notes": notes})
    else:
        _print_check(faults, notes)
    if faults:
        sys.exit(1)


def _print_check(faults: list[str], notes: list[str]) -> None:
    for note in notes:
        click.echo(note)
    for fault in faults:
        click.echo(fault, err=True)
    if not faults:
        click.echo("Everything is reachable and in order." if notes else "All is well.")


@click.command(epilog="Example: smsgate rotate")
def rotate() -> None:
    """Encrypt all numbers and texts again with the newest key.

    To rotate keys: put a new key first in SMSGATE_KEYS with a + before it and restart every process; remove the + and
    restart again; run this; remove the old key and restart a last time. The service can run meanwhile. If interrupted,
    run it again.
    """
    database = unchecked_service().database
    migrations.check_release(database)
    migrations.check_announced(database)
    with progress_bar("Encrypting", key_rotation.count(database, Base.metadata)) as progress:
        done = key_rotation.rotate(database, Base.metadata, progress)
    click.echo(f"{done.values} values encrypted again.")
    if done.twins:
        click.echo(f"Keep the old key and ask a developer. One number has two rows: {_some(done.twins)}", err=True)
    if done.unreadable:
        click.echo(
            f"An older key is missing. Put it into SMSGATE_KEYS and run this again: {_some(done.unreadable)}", err=True
        )
    if done.twins or done.unreadable:
        sys.exit(1)


def _some(rows: list[str]) -> str:
    """Return the first of these rows, and how many more there are."""
    return ", ".join(rows[:SHOWN]) + (f", and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def _notes(service: Service) -> list[str]:
    """Return what an operator should know though nothing is broken: pauses, backups, helplines, credit, circuits."""
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
            notes.append(f"The gateway {gateway.name} is in trouble ({record.reason}); we keep trying.")
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
        f"The gateway {gateway.name} cannot be reached, or refuses its name and key: it does not report its credit."
        for gateway in filter(None, (service.gateway, service.fallback))
        if isinstance(gateway, Prepaid) and gateway.balance() is None
    ]


DUE = "%a %d %b %H:%M"


@click.command(epilog="Example: smsgate outbox --json")
@AS_JSON
def outbox(as_json: bool) -> None:
    """Show how many texts are waiting or being sent, and how many ended within a day, in UTC."""
    service = wired_service()
    with service.database.reading() as session:
        counts = summary.current_counts(session, service.now())
        last_run = summary.last_scheduler_run(session)
    if as_json:
        print_json({"scheduler_last_ran": last_run, "counts": counts_as_objects(counts, UTC)})
        return
    Console().print(counts_table(counts, UTC))
    click.echo(f"The scheduler last ran at {last_run:{WHEN}:%S} UTC." if last_run else "No scheduler has run yet.")


def counts_table(counts: Iterable[OutboxCount], zone: tzinfo) -> Table:
    """Lay out message counts by status as a table. Waiting texts have their due times, in `zone`."""
    rows = [(row.lane, row.kind, row.state, row.reason, row.count, _due(row, zone)) for row in counts]
    return table(("lane", "kind", "state", "why", "texts", f"due ({zone})"), rows)


def counts_as_objects(counts: Iterable[OutboxCount], zone: tzinfo) -> list[dict[str, object]]:
    """Return message counts by status for JSON, with the due times in `zone`."""
    return [
        asdict(row) | {"first_due": row.first_due.astimezone(zone), "last_due": row.last_due.astimezone(zone)}
        for row in counts
    ]


def _due(row: OutboxCount, zone: tzinfo) -> str:
    if row.state is not MessageStatus.WAITING:
        return ""
    first, last = (due.astimezone(zone) for due in (row.first_due, row.last_due))
    same_day = first.date() == last.date()
    return f"{first:{DUE}}" if first == last else f"{first:{DUE}} to {last:{'%H:%M' if same_day else DUE}}"


OF_GROUP = click.option("--group", "code", help="Only this group. Left out: everything except help texts.")


@click.command(epilog="Example: smsgate pause --group 4521")
@OF_GROUP
def pause(code: str | None) -> None:
    """Pause all texts except help texts, or those of one group.

    For when something is wrong: texts to the wrong people, the wrong words, or far too many. Waiting texts are kept
    until `smsgate resume`; those that are too late by then are dropped. People can dial as usual.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = _chosen_group(session, code)
        kill_switches.pause(session, group, service.now())
        again = f"smsgate resume --group {group.code}" if group else "smsgate resume"
        click.echo(f"{_subject(group)} paused; help texts are still sent. To send the others: {again}")


@click.command(epilog="Example: smsgate resume --group 4521")
@OF_GROUP
def resume(code: str | None) -> None:
    """Send texts again after `smsgate pause`.

    To drop a notice instead, stop it first: smsgate notice stop
    """
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
    sentences = [f"The group {group.code} has been paused since {_utc(since)}." for group, since in status.groups]
    if status.everything:
        sentences.insert(0, f"Everything but help texts has been paused since {_utc(status.everything)}.")
    return sentences


def _utc(when: datetime) -> str:
    return f"{when:{WHEN}} UTC"


def _chosen_group(session: Session, code: str | None) -> Group | None:
    return get_group(session, code) if code is not None else None


def _subject(group: Group | None) -> str:
    return f"The group {group.code} is" if group else "Everything is"


@click.command(epilog="Example: smsgate failures --retry")
@click.option("--retry", is_flag=True, help="Try all of them again now, after you fixed the cause.")
@AS_JSON
def failures(retry: bool, as_json: bool) -> None:
    """List what could not be processed and was set aside, so that nothing else waits for it, in UTC.

    Each is tried again at least every hour. If a time zone no longer exists, set another for the group. WrongKey: put
    the key that encrypted it back into SMSGATE_KEYS. Anything else: give a developer the task and the row.
    """
    service = wired_service()
    with service.database.transaction() as session:
        found = row_failures.failures(session)
        rows = [(row.task, row.row_id, row.error, row.first_at, row.times) for row in found]
        if retry:
            row_failures.retry_all(session)
            set_aside.retry_due(session, service.now())
    if not rows and not as_json:
        click.echo("Nothing is set aside.")
        return
    print_rows(("task", "row", "what", "since", "tries"), rows, as_json=as_json, zone="UTC")
    if not as_json:
        click.echo("They are being tried again now." if retry else "To try them again now: smsgate failures --retry")


COMMANDS = (migrate, check, rotate, outbox, pause, resume, failures)
