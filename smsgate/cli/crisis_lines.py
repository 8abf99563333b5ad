"""Crisis lines and local services, by country. A volunteer calls each number before it is recorded here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from smsgate.cli.arguments import parse_day
from smsgate.cli.context import listing, warn_about_wording, wired_service
from smsgate.cli.output import AS_JSON, print_json, print_wrapped, progress_bar
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.help.crisis import crisis_line_files, crisis_lines
from smsgate.models import CrisisLine, CrisisLineKind

LINE_OPTIONS = (
    click.option("--sw", help="Its name in Kiswahili. Left out: the English one is shown."),
    click.option("--fr", help="Its name in French."),
    click.option(
        "--kind",
        type=click.Choice([kind.value for kind in CrisisLineKind]),
        help="Someone to talk to (crisis), or a local service.",
    ),
    click.option("--hours", help='When it is answered, like "8-20" or "24h".'),
    click.option("--source", help="Where the number is from: an address, or who told you."),
    click.option("--verified", help="The day on which someone called it, like 2026-11-20."),
    click.option("--expires", help="Hide it from this day on. Left out: a year after it was verified; at most two."),
)


def _line_options(command: Any) -> Any:  # noqa: ANN401 - click's
    for option in reversed(LINE_OPTIONS):
        command = option(command)
    return command


@click.group("line")
def line_() -> None:
    """Add, list, change, verify and remove helplines: crisis lines and local services, by country.

    A number is shown once someone has called and verified it, until it expires. Give it a short, neutral name, because
    phones are shared. `smsgate check` reports countries without a number and numbers about to expire.
    """


@line_.command("list", epilog="Example: smsgate line list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List all helplines by country, in the order in which members see them, and which have expired."""
    service = wired_service()
    with listing(service) as session:
        lines = crisis_lines.all_lines(session)
        if as_json:
            print_json([{"id": line.id, **asdict(crisis_lines.entry_of(line))} for line in lines])
            return
        for line in lines:
            print_wrapped(_line_text(line, service.now().date()))
    if not lines:
        click.echo("None yet. To start: smsgate line add, or docs/lines-example.toml and smsgate line import.")


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


@line_.command("add", epilog="Example: smsgate line add KE 1199 Amani --verified 2026-11-20 --source web")
@click.argument("country")
@click.argument("number")
@click.argument("name")
@_line_options
def add(country: str, number: str, name: str, kind: str | None, verified: str | None, **given: str | None) -> None:
    """Add the helpline NUMBER, as dialled in COUNTRY (two letters, like KE), with NAME in English.

    Call it first: --verified (the day) and --source are required.
    """
    service = wired_service()
    entry = crisis_lines.CrisisLineEntry(
        country, number, kind=CrisisLineKind(kind or CrisisLineKind.CRISIS), names={SOURCE: name}
    )
    with service.database.transaction() as session:
        line = crisis_lines.add(session, _updated_entry(entry, verified=verified, **given), service.now())
        click.echo(f"Line {line.id}: {line.number} is shown in {line.country} until {line.expires_on}.")
        warn_about_wording(*(label.name for label in line.names))


@line_.command("change", epilog="Example: smsgate line change 1 --hours 8-20")
@click.argument("which", metavar="ID", type=int)
@click.option("--number", help="The new number. --verified is required, because nobody has called this one yet.")
@click.option("--name", help="Its name in English.")
@_line_options
def change(which: int, number: str | None, name: str | None, **given: str | None) -> None:
    """Change helpline ID.

    What you leave out stays as it is. "" removes a name or the hours.
    """
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


@line_.command("verify", epilog="Example: smsgate line verify 1 --on 2026-11-20")
@click.argument("which", metavar="ID", type=int)
@click.option("--on", "verified", help="The day on which someone called it. Left out: today.")
@click.option("--expires", help="Hide it from this day on. Left out: a year after it was verified; at most two.")
@click.option("--source", help="Where the number is from, if that has changed.")
def verify(which: int, verified: str | None, expires: str | None, source: str | None) -> None:
    """Record that someone called helpline ID and confirmed its details, so that it is shown for another year."""
    service = wired_service()
    today = service.now().date()
    with service.database.transaction() as session:
        line = get_line(session, which)
        entry = replace(crisis_lines.entry_of(line), verified_on=today, expires_on=None)
        updated = _updated_entry(entry, verified=verified, expires=expires, source=source)
        crisis_lines.change(session, line, updated, service.now())
        click.echo(f"Line {line.id}: {line.number} is shown in {line.country} until {line.expires_on}.")


@line_.command("remove", epilog="Example: smsgate line remove 1")
@click.argument("which", metavar="ID", type=int)
def remove(which: int) -> None:
    """Remove helpline ID."""
    service = wired_service()
    with service.database.transaction() as session:
        line = get_line(session, which)
        crisis_lines.remove(session, line, service.now())
        click.echo(f"{line.number} is removed.")


@line_.command("import", epilog="Example: smsgate line import lines.toml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", is_flag=True, help="Remove every number that is not in the file.")
def import_(file: Path, only: bool) -> None:
    """Import the helplines in FILE, in its order, or none if one of them is wrong.

    docs/lines-example.toml shows the format. Numbers that exist are changed. Numbers that are not in the file stay,
    unless you add --only.
    """
    service = wired_service()
    today = service.now().date()
    try:
        entries = crisis_line_files.read(file.read_text("utf-8"), today)
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{file} cannot be read: {problem}") from None
    with progress_bar("Importing", len(entries)) as progress, service.database.transaction() as session:
        result = crisis_lines.import_lines(session, _counted(entries, progress), service.now(), only=only)
    others = f" {result.others} not in the file: {'removed' if only else 'left as they were'}." if result.others else ""
    click.echo(f"{result.added} new, {result.changed} changed, of {len(entries)}.{others}")
    warn_about_wording(*(name for entry in entries for name in entry.names.values()))


def _counted(
    entries: Iterable[crisis_lines.CrisisLineEntry], progress: Callable[[int], None]
) -> Iterator[crisis_lines.CrisisLineEntry]:
    for entry in entries:
        yield entry
        progress(1)


@line_.command("export", epilog="Example: smsgate line export lines.toml")
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """Write all helplines to FILE, which you can edit and import."""
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
    """Return the entry, updated with the given options; None means not given. Raises Invalid."""
    options = {name: value for name, value in given.items() if value is not None}
    names = {**entry.names, **{language: options.pop(language) for language in LANGUAGES if language in options}}
    field_names = {"verified": "verified_on", "expires": "expires_on"}
    parsers: dict[str, Callable[[str], Any]] = {"kind": CrisisLineKind, "verified": parse_day, "expires": parse_day}
    values: dict[str, Any] = {
        field_names.get(name, name): parsers.get(name, str)(value) for name, value in options.items()
    }
    return replace(entry, names=names, **values)


COMMANDS = (line_,)
