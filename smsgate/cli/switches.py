"""The kill switches: stop what leaves, all of it or one group's, and let it go on."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy.orm import Session

from smsgate.cli.groups import the_group
from smsgate.cli.wired import wired
from smsgate.models import Group
from smsgate.outbox import kill_switches

OF_GROUP = click.option("--group", "code", help="The code of the one group; without it, everything but help texts.")


@click.command()
@OF_GROUP
def pause(code: str | None) -> None:
    """Stop all texts at once, or those of one group. Help texts always leave.

    For when something is wrong: texts to the wrong people, the wrong words, or far too many. Texts that wait are kept
    until `smsgate resume`, and those that are too late by then are dropped. Dialling works as always.
    """
    service = wired()
    with service.database.transaction() as session:
        group = _group(session, code)
        kill_switches.pause(session, group, service.now())
        again = f"smsgate resume --group {group.code}" if group else "smsgate resume"
        click.echo(f"{_named(group)} paused; help texts go on. To let the others leave: {again}")


@click.command()
@OF_GROUP
def resume(code: str | None) -> None:
    """Let texts leave again after `smsgate pause`. To drop a notice instead, stop it first: smsgate notice stop."""
    with wired().database.transaction() as session:
        group = _group(session, code)
        found = kill_switches.resume(session, group)
        click.echo(f"{_named(group)} going on." if found else "Nothing was paused.")
        for line in lines(session):
            click.echo(line)


def lines(session: Session) -> list[str]:
    """What is still paused, in sentences."""
    now = kill_switches.paused(session)
    said = [f"The group {group.code} is paused since {_utc(since)}." for group, since in now.groups]
    return ([f"Everything but help texts is paused since {_utc(now.everything)}."] if now.everything else []) + said


def _utc(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _group(session: Session, code: str | None) -> Group | None:
    return the_group(session, code) if code else None


def _named(group: Group | None) -> str:
    return f"The group {group.code} is" if group else "Everything is"


COMMANDS = (pause, resume)
