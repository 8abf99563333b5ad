"""Who sets up groups in the console: the operator makes the first one."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.wired import wired
from smsgate.core.phone_numbers import e164, masked
from smsgate.groups.roles import called
from smsgate.models import lookup
from smsgate.web.console.accounts import login, permissions, totp


@click.group()
def admin() -> None:
    """Admins of the network: they set up groups in the console and give their first roles."""


@admin.command("add")
@click.argument("number")
def admin_add(number: str) -> None:
    """Make the person with this NUMBER an admin of the network. They sign in with it at /console."""
    service = wired()
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, e164(number, service.settings.countries), service.now())
        permissions.appoint(session, phone, service.now())
    click.echo(f"They sign in with this number: {service.settings.pages}/console")


@admin.command("list")
def admin_list() -> None:
    """Who is an admin of the network."""
    table = Table("who", "number", "since")
    with wired().database.reading() as session:
        for one in permissions.network_admins(session):
            table.add_row(called(session, one.phone_id), masked(one.phone.number), f"{one.since:%Y-%m-%d}")
    Console().print(table)


@admin.command("end")
@click.argument("number")
def admin_end(number: str) -> None:
    """The person with this NUMBER is no admin of the network any more. Roles in groups stay: see `smsgate role`."""
    service = wired()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, e164(number, service.settings.countries))
        permissions.dismiss(session, phone, service.now())
    click.echo("Ended.")


@admin.command("sign-out")
@click.argument("number")
def admin_sign_out(number: str) -> None:
    """End every session of this NUMBER in the console, and ask for no authenticator app: for a phone that was lost."""
    service = wired()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, e164(number, service.settings.countries))
        if phone is not None:
            login.end(session, phone.id, service.now())
            totp.remove(session, phone.id)
    click.echo("Signed out everywhere.")


COMMANDS = (admin,)
