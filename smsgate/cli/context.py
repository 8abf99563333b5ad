"""What commands share: the service wired from the environment, and warnings about texts that members will read."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.orm import Session

from smsgate import service
from smsgate.core import config, gsm7, migrations
from smsgate.core.reading import gaps
from smsgate.core.waits.limits import COMMAND, Limits
from smsgate.flows.checks import style
from smsgate.meetings import meetings
from smsgate.models import Group

UNREAD = "(can't be read)"


def wired_service(limits: Limits = COMMAND) -> service.Service:
    """Wire the service and check that its database suits this release and the keys.

    Raises SettingsError, NotMigrated or WrongKey.
    """
    made = unchecked_service(limits)
    migrations.check(made.database)
    return made


@contextmanager
def listing(made: service.Service | None = None) -> Iterator[Session]:
    """Yield a session for a command that lists; say on standard error if a row could not be read."""
    with gaps.reading_on(lambda _purpose: UNREAD) as here, (made or wired_service()).database.reading() as session:
        yield session
    if here.found:
        click.echo("Some of this can't be read, so it is missing or marked. See: smsgate failures", err=True)


def unchecked_service(limits: Limits = COMMAND) -> service.Service:
    """Wire the service from the environment, to be closed when the command ends. Raises SettingsError."""
    made = service.wire(config.load(), limits=limits)
    click.get_current_context().call_on_close(made.close)
    return made


def print_changes(*texts: str) -> None:
    """Print one line for each character that is replaced or left out to keep a text cheap."""
    for change in dict.fromkeys(change for text in texts for change in gsm7.changes(text)):
        click.echo(_change_said(change))


def _change_said(change: gsm7.Change) -> str:
    if change.was:
        return f"{change.was} is replaced by {change.now.strip()}, so that an SMS holds 160 characters."
    return f"An invisible character {f'after {change.after!r}' if change.after else 'at the beginning'} is left out."


def warn_about_wording(*texts: str | None) -> None:
    """Print one line for each replaced character and each word that may sound medical or like an order; skips None."""
    given = [text for text in texts if text]
    print_changes(*given)
    for word in dict.fromkeys(word for text in given for word in style.medical(text)):
        click.echo(f"{word}: this word may sound medical on a shared phone.")
    for word in dict.fromkeys(word for text in given for word in style.orders(text)):
        click.echo(f"{word}: this may sound like an order.")


def renamed(family: click.Group, old: str, new: str) -> None:
    """Keep a command's old name for one release: hidden, and with a note on standard error that gives the new name."""
    alias = copy.copy(family.commands[new])
    alias.name, alias.hidden, alias.deprecated = old, True, f"It is called {new} now."
    family.add_command(alias)


def warn_about_same_time(session: Session, group: Group, now: datetime) -> None:
    """Print one line for each upcoming time at which the group has two meetings."""
    for start in meetings.doubled_times(session, group, now):
        click.echo(f"{group.name} has two meetings on {start:%Y-%m-%d at %H:%M}. Cancel one if that's a mistake.")
