"""Crisis lines and local services, by country. A volunteer calls each number before it is recorded here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from smsgate.cli.context import warn_about_wording, wired_service
from smsgate.cli.series import parse_day
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.help.crisis import crisis_line_files, crisis_lines
from smsgate.models import CrisisLine, CrisisLineKind

LINE_OPTIONS = (
    click.option("--sw", help="Its name in Kiswahili; where there is none, the English one is shown."),
    click.option("--fr", help="Its name in French."),
    click.option(
        "--kind",
        type=click.Choice([kind.value for kind in CrisisLineKind]),
        help="Somebody to talk to (crisis), or a local service.",
    ),
    click.option("--hours", help='When somebody answers, like "8-20" or "24h".'),
    click.option("--source", help="Where the number is from: an address, or in words who told you."),
    click.option("--verified", help="The day on which somebody called it, like 2026-11-20."),
    click.option("--expires", help="The day from which it is not shown; else a year after, at most two."),
)


def _line_options(command: Any) -> Any:  # noqa: ANN401 - click's
    for option in reversed(LINE_OPTIONS):
        command = option(command)
    return command


@click.group("line")
def line_() -> None:
    """Numbers that people may call, by country: crisis lines and local services.

    Only numbers that somebody called and found right are shown, each until it expires. Give them short, neutral names:
    phones are shared. `smsgate check` says when a country has none, or when one is about to expire.
    """


@line_.command("list")
def list_() -> None:
    """All numbers by country, as they are shown, and which of them expired."""
    service = wired_service()
    with service.database.reading() as session:
        lines = crisis_lines.all_lines(session)
        for line in lines:
            click.echo(_line_text(line, service.now().date()))
    if not lines:
        click.echo("None yet. To begin: smsgate line add, or docs/lines-example.toml and smsgate line import.")


def _line_text(line: CrisisLine, today: date) -> str:
    names = " / ".join(name.name for name in sorted(line.names, key=lambda name: name.language != SOURCE))
    hours = f" ({line.hours})" if line.hours else ""
    return (
        f"{line.id}  {line.country}  {line.number}{hours}  {names}, {line.kind.value}{_expiry_note(line, today)}\n"
        f"    verified {line.verified_on}, expires {line.expires_on}, from: {line.source}"
    )


def _expiry_note(line: CrisisLine, today: date) -> str:
    if line.expires_on <= today:
        return "  EXPIRED, not shown"
    days = (line.expires_on - today).days
    return f"  expires in {days} days" if line.expires_on <= today + crisis_lines.SOON else ""


@line_.command("add")
@click.argument("country")
@click.argument("number")
@click.argument("name")
@_line_options
def add(country: str, number: str, name: str, kind: str | None, verified: str | None, **given: str | None) -> None:
    """Add NUMBER, as it is dialled in COUNTRY (two letters, like KE), called NAME in English.

    Call it first: it wants --verified with the day, and --source.
    """
    service = wired_service()
    entry = crisis_lines.CrisisLineEntry(
        country, number, kind=CrisisLineKind(kind or CrisisLineKind.CRISIS), names={SOURCE: name}
    )
    with service.database.transaction() as session:
        line = crisis_lines.add(session, _updated_entry(entry, verified=verified, **given), service.now())
        click.echo(f"Line {line.id}: {line.number} is shown in {line.country} until {line.expires_on}.")
        warn_about_wording(*(label.name for label in line.names))


@line_.command("change")
@click.argument("which", metavar="ID", type=int)
@click.option("--number", help="Another number; wants --verified, since nobody called this one yet.")
@click.option("--name", help="Its name in English.")
@_line_options
def change(which: int, number: str | None, name: str | None, **given: str | None) -> None:
    """Change line ID; what you do not give stays. "" takes a name or the hours away."""
    if number is not None and not given["verified"]:
        raise Invalid("Call the new number first, then give the day too: --verified 2026-11-20.")
    service = wired_service()
    with service.database.transaction() as session:
        line = get_line(session, which)
        entry = crisis_lines.entry_of(line)
        if given["verified"] and not given["expires"]:
            entry = replace(entry, expires_on=None)
        crisis_lines.change(session, line, _updated_entry(entry, number=number, en=name, **given), service.now())
        click.echo(f"Line {line.id}: {line.number} is shown in {line.country} until {line.expires_on}.")
        warn_about_wording(*(name.name for name in line.names))


@line_.command("verify")
@click.argument("which", metavar="ID", type=int)
@click.option("--on", "verified", help="The day on which somebody called it; else today.")
@click.option("--expires", help="The day from which it is not shown; else a year after, at most two.")
@click.option("--source", help="Where the number is from, if that is another now.")
def verify(which: int, verified: str | None, expires: str | None, source: str | None) -> None:
    """Say that somebody called line ID and that all of it is right: it is shown for another year."""
    service = wired_service()
    today = service.now().date()
    with service.database.transaction() as session:
        line = get_line(session, which)
        entry = replace(crisis_lines.entry_of(line), verified_on=today, expires_on=None)
        updated = _updated_entry(entry, verified=verified, expires=expires, source=source)
        crisis_lines.change(session, line, updated, service.now())
        click.echo(f"Line {line.id}: {line.number} is shown in {line.country} until {line.expires_on}.")


@line_.command("remove")
@click.argument("which", metavar="ID", type=int)
def remove(which: int) -> None:
    """Show line ID no more, and forget it."""
    service = wired_service()
    with service.database.transaction() as session:
        line = get_line(session, which)
        crisis_lines.remove(session, line, service.now())
        click.echo(f"{line.number} is removed.")


@line_.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", is_flag=True, help="Remove every number that is not in the file.")
def import_(file: Path, only: bool) -> None:
    """Read all numbers of FILE, in its order: see docs/lines-example.toml. Nothing is read if one of them is wrong.

    A number that is there already is changed; one that is not in the file stays, unless you say --only.
    """
    service = wired_service()
    today = service.now().date()
    try:
        entries = crisis_line_files.read(file.read_text("utf-8"), today)
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{file} cannot be read: {problem}") from None
    with service.database.transaction() as session:
        result = crisis_lines.import_lines(session, entries, service.now(), only=only)
    others = f" {result.others} not in the file: {'removed' if only else 'left as they were'}." if result.others else ""
    click.echo(f"{result.added} new, {result.changed} changed, of {len(entries)}.{others}")
    warn_about_wording(*(name for entry in entries for name in entry.names.values()))


@line_.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """Write all numbers to FILE, to be kept, changed and imported again."""
    with wired_service().database.reading() as session:
        entries = [crisis_lines.entry_of(line) for line in crisis_lines.all_lines(session)]
    try:
        file.write_text(crisis_line_files.format_file(entries), "utf-8")
    except OSError as problem:
        raise Invalid(f"{file} cannot be written: {problem}") from None
    click.echo(f"{len(entries)} written to {file}.")


def get_line(session: Session, number: int) -> CrisisLine:
    """Return the crisis line with this id. Raises Invalid."""
    line = session.get(CrisisLine, number)
    if line is None:
        raise Invalid(f"There is no line {number}. See: smsgate line list")
    return line


def _updated_entry(entry: crisis_lines.CrisisLineEntry, **given: str | None) -> crisis_lines.CrisisLineEntry:
    """Return the entry updated with the options that were given; None means not given. Raises Invalid."""
    options = {name: value for name, value in given.items() if value is not None}
    names = {**entry.names, **{language: options.pop(language) for language in LANGUAGES if language in options}}
    field_names = {"verified": "verified_on", "expires": "expires_on"}
    parsers: dict[str, Callable[[str], Any]] = {"kind": CrisisLineKind, "verified": parse_day, "expires": parse_day}
    values: dict[str, Any] = {
        field_names.get(name, name): parsers.get(name, str)(value) for name, value in options.items()
    }
    return replace(entry, names=names, **values)


COMMANDS = (line_,)
