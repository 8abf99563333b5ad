"""Roles: network admins, group admins and facilitators, and the audit log of what they did."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from smsgate.cli.arguments import get_group, phone_number
from smsgate.cli.context import listing, renamed, wired_service
from smsgate.cli.output import AS_JSON, Cell, print_rows
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import masked
from smsgate.groups import audit_log, network, roles
from smsgate.groups.roles import display_name
from smsgate.models import Role, RoleAssignment, lookup
from smsgate.web.console.accounts import login, permissions, totp


@click.group()
def admin() -> None:
    """Add, list and remove admins of the network, who set up groups in the console and give their first roles."""


@admin.command("add", epilog="Example: smsgate admin add 0711000004")
@click.argument("number")
def admin_add(number: str) -> None:
    """Make the person with this NUMBER an admin of the network.

    They sign in with it at /console.
    """
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, phone_number(service, number), service.now())
        permissions.appoint(session, phone, service.now())
    click.echo(f"They sign in with this number: {service.settings.pages}/console")


@admin.command("list", epilog="Example: smsgate admin list")
@AS_JSON
def admin_list(as_json: bool) -> None:
    """List the admins of the network."""
    with listing() as session:
        rows = [
            (display_name(session, row.phone_id), masked(row.phone.number), row.since.date())
            for row in permissions.network_admins(session)
        ]
    print_rows(("who", "number", "since"), rows, as_json=as_json)


@admin.command("remove", epilog="Example: smsgate admin remove 0711000004")
@click.argument("number")
def admin_remove(number: str) -> None:
    """Remove the person with this NUMBER from the admins of the network.

    They keep their roles in groups: see `smsgate role`.
    """
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        permissions.dismiss(session, phone, service.now())
    click.echo("Removed.")


@admin.command("sign-out", epilog="Example: smsgate admin sign-out 0711000004")
@click.argument("number")
def admin_sign_out(number: str) -> None:
    """Sign NUMBER out of the console everywhere and turn off its two-factor sign-in.

    For someone whose phone is lost.
    """
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is stored about this number.")
        login.end_sessions(session, phone.id, service.now())
        totp.remove(session, phone.id)
    click.echo("Signed out everywhere.")


@admin.command("log", epilog="Example: smsgate admin log --most 20")
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many entries at most."
)
@AS_JSON
def admin_log(most: int, as_json: bool) -> None:
    """Show what changed in the network in the past year, newest first, in UTC.

    Admins, roles, groups, helplines and pauses are in it.
    """
    rows = []
    with listing() as session:
        found = network.entries(session, most)
        codes = network.group_codes(session, found)
        for entry in found:
            who, whom = display_name(session, entry.phone_id), display_name(session, entry.subject_id)
            line = str(entry.about or "-")
            rows.append((entry.at, who, entry.what, whom, codes.get(entry.group_id, "-"), line))
    print_rows(("when", "who", "what", "whom", "group", "line"), rows, as_json=as_json, zone="UTC")


@click.group()
def role() -> None:
    """Add, list and remove facilitators and admins of a group, which its own admins also do by phone."""


@role.command("add", epilog="Example: smsgate role add 4521 admin")
@click.argument("code")
@click.argument("kind", type=click.Choice([role.value for role in Role]))
def role_add(code: str, kind: str) -> None:
    """Print a code with which one person accepts a role in group CODE by phone; KIND is facilitator or admin."""
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        offered = roles.offer(session, group, Role(kind), service.now())
        dial = code_below(service.settings.service_code, offered)
        click.echo(f"To become {kind} of {group.name}: dial {dial} or text JOIN {offered}. It works once.")


@role.command("list", epilog="Example: smsgate role list 4521")
@click.argument("code")
@AS_JSON
def role_list(code: str, as_json: bool) -> None:
    """List who has a role in group CODE and when it ends."""
    service = wired_service()
    rows: list[tuple[Cell, ...]] = []
    with listing(service) as session:
        group = get_group(session, code)
        zone = ZoneInfo(group.zone)
        for assignment in roles.assignments_in(session, group.id, service.now()):
            dates = [at.astimezone(zone).date() for at in (assignment.since, assignment.until)]
            rows.append((assignment.id, roles.display_name(session, assignment.phone_id), assignment.role, *dates))
    print_rows(("id", "who", "role", "since", "until"), rows, as_json=as_json)


@role.command("remove", epilog="Example: smsgate role remove 1")
@click.argument("number", type=int)
def role_remove(number: int) -> None:
    """Remove role NUMBER of `smsgate role list` from its holder, who is told."""
    service = wired_service()
    with service.database.transaction() as session:
        assignment = session.get(RoleAssignment, number)
        if assignment is None or assignment.ended_at is not None:
            raise Invalid(f"There is no role {number}. See: smsgate role list CODE")
        roles.revoke(session, None, assignment, service.now(), service.settings.service_code)
    click.echo("Removed.")


@role.command("log", epilog="Example: smsgate role log 4521")
@click.argument("code")
@AS_JSON
def role_log(code: str, as_json: bool) -> None:
    """Show the audit log of group CODE, newest first."""
    rows = []
    with listing() as session:
        group = get_group(session, code)
        for entry in audit_log.entries(session, group.id, most=100):
            when = entry.at.astimezone(ZoneInfo(group.zone))
            rows.append((when, roles.display_name(session, entry.phone_id), entry.what))
    print_rows(("when", "who", "what"), rows, as_json=as_json, zone=group.zone)


renamed(admin, "end", "remove")
renamed(role, "give", "add")
renamed(role, "end", "remove")
COMMANDS = (admin, role)
