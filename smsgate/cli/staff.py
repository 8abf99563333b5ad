"""Roles: network admins, group admins and facilitators, and the audit log of what they did."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.context import phone_number, wired_service
from smsgate.cli.groups import get_group
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import masked
from smsgate.groups import audit_log, network_log, roles
from smsgate.groups.roles import display_name
from smsgate.models import Role, RoleAssignment, lookup
from smsgate.web.console.accounts import login, permissions, totp


@click.group()
def admin() -> None:
    """Admins of the network: they set up groups in the console and give their first roles."""


@admin.command("add")
@click.argument("number")
def admin_add(number: str) -> None:
    """Make the person with this NUMBER an admin of the network. They sign in with it at /console."""
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, phone_number(service, number), service.now())
        permissions.appoint(session, phone, service.now())
    click.echo(f"They sign in with this number: {service.settings.pages}/console")


@admin.command("list")
def admin_list() -> None:
    """Who is an admin of the network."""
    table = Table("who", "number", "since")
    with wired_service().database.reading() as session:
        for row in permissions.network_admins(session):
            table.add_row(display_name(session, row.phone_id), masked(row.phone.number), f"{row.since:%Y-%m-%d}")
    Console().print(table)


@admin.command("end")
@click.argument("number")
def admin_end(number: str) -> None:
    """The person with this NUMBER is no admin of the network any more. Roles in groups stay: see `smsgate role`."""
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        permissions.dismiss(session, phone, service.now())
    click.echo("Ended.")


@admin.command("sign-out")
@click.argument("number")
def admin_sign_out(number: str) -> None:
    """End every session of this NUMBER in the console, and ask for no authenticator app: for a phone that was lost."""
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is kept about this number.")
        login.end_sessions(session, phone.id, service.now())
        totp.remove(session, phone.id)
    click.echo("Signed out everywhere.")


@admin.command("log")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="So many entries.")
def admin_log(most: int) -> None:
    """What changed in the network within a year: admins, roles, groups, helplines, pauses. Times are UTC."""
    table = Table("when", "who", "what", "whom", "group", "line")
    with wired_service().database.reading() as session:
        found = network_log.entries(session, most)
        codes = network_log.group_codes(session, found)
        for entry in found:
            who, whom = display_name(session, entry.phone_id), display_name(session, entry.subject_id)
            line = str(entry.about or "-")
            table.add_row(f"{entry.at:{WHEN}}", who, entry.what, whom, codes.get(entry.group_id, "-"), line)
    Console().print(table)


DAY, WHEN = "%Y-%m-%d", "%Y-%m-%d %H:%M"


@click.group()
def role() -> None:
    """Facilitators and admins of a group. A group's admins give and end roles themselves, by phone."""


@role.command("give")
@click.argument("code")
@click.argument("kind", type=click.Choice([one.value for one in Role]))
def role_give(code: str, kind: str) -> None:
    """Make a code for a role in the group with CODE: KIND is facilitator or admin. Whoever gets it accepts by phone."""
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        offered = roles.offer(session, group, Role(kind), service.now())
        dial = code_below(service.settings.service_code, offered)
        click.echo(f"To become {kind} of {group.name}: dial {dial} or text JOIN {offered}. It works once.")


@role.command("list")
@click.argument("code")
def role_list(code: str) -> None:
    """Who has a role in the group with CODE, and until when."""
    service = wired_service()
    table = Table("id", "who", "role", "since", "until")
    with service.database.reading() as session:
        group = get_group(session, code)
        zone = ZoneInfo(group.zone)
        for assignment in roles.assignments_in(session, group.id, service.now()):
            dates = [at.astimezone(zone).strftime(DAY) for at in (assignment.since, assignment.until)]
            table.add_row(str(assignment.id), roles.display_name(session, assignment.phone_id), assignment.role, *dates)
    Console().print(table)


@role.command("end")
@click.argument("number", type=int)
def role_end(number: int) -> None:
    """End the role with this NUMBER (see: role list). Its holder is told."""
    service = wired_service()
    with service.database.transaction() as session:
        assignment = session.get(RoleAssignment, number)
        if assignment is None or assignment.ended_at is not None:
            raise Invalid(f"There is no role {number}. See: smsgate role list CODE")
        roles.revoke(session, None, assignment, service.now(), service.settings.service_code)
    click.echo("Ended.")


@role.command("log")
@click.argument("code")
def role_log(code: str) -> None:
    """What was done by virtue of a role in the group with CODE, the newest first."""
    table = Table("when", "who", "what")
    with wired_service().database.reading() as session:
        group = get_group(session, code)
        for entry in audit_log.entries(session, group.id, most=100):
            when = entry.at.astimezone(ZoneInfo(group.zone)).strftime("%Y-%m-%d %H:%M")
            table.add_row(when, roles.display_name(session, entry.phone_id), entry.what)
    Console().print(table)


COMMANDS = (
    admin,
    role,
)
