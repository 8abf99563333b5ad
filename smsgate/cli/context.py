"""What commands share: the service wired from the environment, and warnings about wording that others will read."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy.orm import Session

from smsgate import service
from smsgate.core import config, gsm7, migrations
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.core.waits.limits import COMMAND, Limits
from smsgate.flows.checks import style
from smsgate.meetings import meetings
from smsgate.models import Group


def wired_service(limits: Limits = COMMAND) -> service.Service:
    """Wire the service, for a database that suits this release and its keys. Raises SettingsError and its like."""
    made = unchecked_service(limits)
    migrations.check(made.database)
    return made


def unchecked_service(limits: Limits = COMMAND) -> service.Service:
    """Wire the service from the environment and close it when the command ends. Raises SettingsError."""
    made = service.wire(config.load(), limits=limits)
    click.get_current_context().call_on_close(made.close)
    return made


WRONG_NUMBERS = {
    "letters": "That is no phone number: there are letters in it.",
    "several": "That is more than one phone number.",
    "extension": "That is no phone number alone: something follows it.",
    "country": "That is no phone number of the countries in SMSGATE_COUNTRIES.",
    "fixed": "That is no phone number that gets texts: it is a fixed line.",
    "service": "That is no phone number of a person: it is toll-free, premium or the like.",
}


def phone_number(wired: service.Service, text: str) -> str:
    """Read a number as an operator typed it, in E.164. Raises Invalid."""
    return read_number(text, wired.settings.countries)


def read_number(text: str, countries: tuple[str, ...]) -> str:
    """Read a number of these countries. Raises Invalid."""
    try:
        return e164(text, countries)
    except NotANumber as error:
        raise Invalid(WRONG_NUMBERS.get(error.reason, "That is no phone number. Write it like 0711000001.")) from None


def print_changes(*texts: str) -> None:
    """Print one line for each character that is replaced or left out so that a text stays cheap."""
    for change in dict.fromkeys(change for text in texts for change in gsm7.changes(text)):
        click.echo(_change_said(change))


def _change_said(change: gsm7.Change) -> str:
    if change.was:
        return f"{change.was} is replaced by {change.now.strip()}, so that an SMS holds 160 characters."
    return f"An invisible character {f'after {change.after!r}' if change.after else 'at the beginning'} is left out."


def warn_about_wording(*texts: str | None) -> None:
    """Print one line for each word that may sound medical or like an order. Texts that are None are skipped."""
    given = [text for text in texts if text]
    print_changes(*given)
    for word in dict.fromkeys(word for text in given for word in style.medical(text)):
        click.echo(f"{word}: this word may sound medical on a shared phone.")
    for word in dict.fromkeys(word for text in given for word in style.orders(text)):
        click.echo(f"{word}: this may sound like an order.")


def warn_about_same_time(session: Session, group: Group, now: datetime) -> None:
    """Print one line for each coming time at which a group has two meetings."""
    for start in meetings.doubled_times(session, group, now):
        click.echo(f"{group.name} has two meetings on {start:%Y-%m-%d at %H:%M}. Cancel one if that is a mistake.")
