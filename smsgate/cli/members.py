"""Members: count them, mark a number as possibly reassigned, export or erase what is stored about a person."""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import func, select

from smsgate.cli.arguments import get_group, phone_number
from smsgate.cli.context import listing, renamed, wired_service
from smsgate.cli.output import few_text
from smsgate.core.errors import Invalid
from smsgate.members import export as member_export
from smsgate.members import leaving, number_reassignment
from smsgate.models import Member, Membership, SecurityEvent, lookup
from smsgate.models.security_events import log_event


@click.group()
def member() -> None:
    """Count members, and mark a number as possibly reassigned. No command says who they are."""


@member.command("count", epilog="Example: smsgate member count 4521")
@click.argument("code", required=False)
def member_count(code: str | None) -> None:
    """Count everybody who joined, or the members of group CODE."""
    with wired_service().database.reading() as session:
        if code is not None:
            count = select(func.count()).where(Membership.group_id == get_group(session, code).id)
        else:
            count = select(func.count()).select_from(Member)
        click.echo(few_text(session.scalar(count) or 0))


@member.command("mark-reassigned", epilog="Example: smsgate member mark-reassigned 0711000001")
@click.argument("number")
def member_mark_reassigned(number: str) -> None:
    """Mark NUMBER as possibly reassigned, as after a SIM swap.

    The next caller is asked who they are before anything personal is shown. Until then nothing personal is
    sent there.
    """
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is stored about this number.")
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())
    click.echo("Noted.")


renamed(member, "doubt", "mark-reassigned")


@click.command(epilog="Example: smsgate export 0711000001 amina.json")
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export(number: str, file: Path) -> None:
    """Write everything stored about NUMBER to FILE as JSON.

    Give it to that person and to nobody else.
    """
    service = wired_service()
    with listing(service) as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is stored about this number.")
        stored, subject = member_export.export_person(session, phone), phone.id
    file.touch(mode=0o600)
    file.chmod(0o600)  # touch does not change the mode of a file that already existed
    file.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n")
    log_event(SecurityEvent.DATA_EXPORTED, subject=subject)
    click.echo(f"Written to {file}. It holds private words: give it to the person, then delete it.")


@click.command(epilog="Example: smsgate erase 0711000001")
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(number: str, yes: bool) -> None:
    """Erase everything stored about NUMBER, at that person's request.

    This cannot be undone.
    """
    service = wired_service()
    if not yes:
        click.confirm("Erase everything about this number?", abort=True)
    service.redis.ping()  # an open dialogue there would outlive the erasure
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is stored about this number.")
        leaving.erase(session, phone, service.now())
    click.echo("Erased.")


COMMANDS = (member, export, erase)
