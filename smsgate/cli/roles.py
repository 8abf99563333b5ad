"""Roles in a group, for the operator: who begins, and what was done."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.groups import the_group
from smsgate.cli.wired import wired
from smsgate.core.errors import Invalid
from smsgate.groups import roles
from smsgate.models import Appointment, Role

DAY = "%Y-%m-%d"


@click.group()
def role() -> None:
    """Facilitators and admins of a group. A group's admins give and end roles themselves, by phone."""


@role.command("give")
@click.argument("code")
@click.argument("kind", type=click.Choice([one.value for one in Role]))
def role_give(code: str, kind: str) -> None:
    """Make a code for a role in the group with CODE: KIND is facilitator or admin. Whoever gets it accepts by phone."""
    service = wired()
    with service.database.transaction() as session:
        group = the_group(session, code)
        made = roles.offer(session, group, Role(kind), service.now())
        deep = service.settings.service_code.rstrip("#")
        click.echo(f"To become {kind} of {group.name}: dial {deep}*{made}# or text JOIN {made}. It works once.")


@role.command("list")
@click.argument("code")
def role_list(code: str) -> None:
    """Who has a role in the group with CODE, and until when."""
    service = wired()
    table = Table("id", "who", "role", "since", "until")
    with service.database.reading() as session:
        group = the_group(session, code)
        zone = ZoneInfo(group.zone)
        for one in roles.appointed(session, group.id, service.now()):
            dates = [at.astimezone(zone).strftime(DAY) for at in (one.since, one.until)]
            table.add_row(str(one.id), roles.called(session, one.phone_id), one.role, *dates)
    Console().print(table)


@role.command("end")
@click.argument("number", type=int)
def role_end(number: int) -> None:
    """End the role with this NUMBER (see: role list). Its holder is told."""
    service = wired()
    with service.database.transaction() as session:
        found = session.get(Appointment, number)
        if found is None or found.ended_at is not None:
            raise Invalid(f"There is no role {number}. See: smsgate role list CODE")
        roles.revoke(session, None, found, service.now(), service.settings.service_code)
    click.echo("Ended.")


@role.command("log")
@click.argument("code")
def role_log(code: str) -> None:
    """What was done by virtue of a role in the group with CODE, the newest first."""
    table = Table("when", "who", "what")
    with wired().database.reading() as session:
        group = the_group(session, code)
        for one in roles.log(session, group.id, most=100):
            when = one.at.astimezone(ZoneInfo(group.zone)).strftime("%Y-%m-%d %H:%M")
            table.add_row(when, roles.called(session, one.phone_id), one.what)
    Console().print(table)


COMMANDS = (role,)
