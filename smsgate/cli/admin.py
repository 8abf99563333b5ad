"""What an operator does: migrate, check, turn keys."""

from __future__ import annotations

import sys

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from smsgate.cli import switches
from smsgate.cli.wired import wired
from smsgate.core import key_rotation, migrations
from smsgate.core.encryption import WrongKey
from smsgate.core.migrations import NotMigrated
from smsgate.flows.checks import catalogues
from smsgate.help import crisis_lines
from smsgate.models import Base
from smsgate.outbox import credit
from smsgate.outbox.circuit_breaker import Circuit, Stand
from smsgate.service import Service


@click.command()
def migrate() -> None:
    """Bring the database to this release's form. Run it before the processes of a new release start."""
    migrations.migrate(wired().database)
    click.echo("The database is ready.")


@click.command()
@click.argument("what", type=click.Choice(["all", "catalogues"]), default="all")
def check(what: str) -> None:
    """Look whether everything is in order: settings, database, keys, Redis, catalogues. Ends with 1 if not."""
    faults, notes = catalogues.faults(), []
    if what == "all":
        service = wired()
        faults += _reachable(service)
        notes = [] if faults else _standing(service)
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

    To turn keys: put a new key in front of SMSGATE_KEYS, restart every process, run this, take the old key out,
    restart again. It may run while the service works, and may be run again if it was cut off.
    """
    click.echo(f"{key_rotation.rotate(wired().database, Base.metadata)} values sealed anew.")


def _standing(service: Service) -> list[str]:
    """What an operator should know although nothing is broken."""
    now = service.now()
    with service.database.reading() as session:
        said = switches.lines(session)
        said += crisis_lines.warnings(session, service.settings.countries, now.date())
        short = [name for name, account in credit.accounts(session).items() if credit.is_short(account, now)]
    said += [f"The account {name} is short of credit. {credit.DO}" for name in short]
    for gateway in filter(None, (service.gateway, service.fallback)):
        known = Circuit(service.redis, gateway.name).seen()
        if known.stand(now) is not Stand.CLOSED:
            said.append(f"The gateway {gateway.name} is in trouble ({known.reason}); it is tried again by itself.")
    return said


def _reachable(service: Service) -> list[str]:
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
    return faults


COMMANDS = (migrate, check, rotate)
