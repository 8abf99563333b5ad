"""Members: count them, note that a number may be reassigned, export or erase what is stored about a person."""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import func, select

from smsgate.cli.context import phone_number, wired_service
from smsgate.cli.groups import few_text, get_group
from smsgate.core.errors import Invalid
from smsgate.members import export as member_export
from smsgate.members import leaving, number_reassignment
from smsgate.models import Member, Membership, SecurityEvent, lookup
from smsgate.models.security_events import log_event


@click.group()
def member() -> None:
    """Count members. Who they are is nobody's business here."""


@member.command("count")
@click.argument("code", required=False)
def member_count(code: str | None) -> None:
    """How many people joined, or are in the group with CODE."""
    with wired_service().database.reading() as session:
        if code is not None:
            count = select(func.count()).where(Membership.group_id == get_group(session, code).id)
        else:
            count = select(func.count()).select_from(Member)
        click.echo(few_text(session.scalar(count) or 0))


@member.command("doubt")
@click.argument("number")
def member_doubt(number: str) -> None:
    """Note that NUMBER may be in other hands, as after a SIM swap: it is asked, before anything personal is shown.

    Until it is answered by dialling, nothing personal is sent there.
    """
    service = wired_service()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is kept about this number.")
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())
    click.echo("Noted.")


@click.command()
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export(number: str, file: Path) -> None:
    """Write all that is kept about NUMBER to FILE, as JSON. Hand it to that person and to nobody else."""
    service = wired_service()
    with service.database.reading() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is kept about this number.")
        stored, subject = member_export.export_person(session, phone), phone.id
    file.touch(mode=0o600)
    file.chmod(0o600)  # touch does not change the mode of a file that already existed
    file.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n")
    log_event(SecurityEvent.DATA_EXPORTED, subject=subject)
    click.echo(f"Written to {file}. It holds private words: give it to the person, then delete it.")


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(number: str, yes: bool) -> None:
    """Erase all that is kept about NUMBER, at that person's request. It cannot be undone."""
    service = wired_service()
    if not yes:
        click.confirm("Erase everything about this number?", abort=True)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, phone_number(service, number))
        if phone is None:
            raise Invalid("Nothing is kept about this number.")
        leaving.erase(session, phone, service.now())
    click.echo("Erased.")


COMMANDS = (member, export, erase)
