"""Flows that a group writes itself, as files: checked, drawn, and the ones that ship with the service."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from smsgate.core.i18n import LANGUAGES
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, Faulty, read, where_said
from smsgate.surveys.definitions.validation import screens, verdict

SHORT = 30


@click.group()
def flow() -> None:
    """Flows of a group's own: questions, information, polls. Files are YAML; see `smsgate flow library`."""


@flow.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def flow_check(file: Path) -> None:
    """Look whether FILE may be published: every screen in every language. Ends with 1 if not."""
    found = read_or_tell(file.read_bytes())
    faults = verdict(found)
    _tell(faults)
    if any(fault.severity == ERROR for fault in faults):
        sys.exit(1)
    count = sum(len(screens(found, language)) for language in found["languages"])
    click.echo(f"{count} screens in {len(found['languages'])} languages. It may be published.")


@flow.command("show")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Only in this language.")
def flow_show(file: Path, language: str | None) -> None:
    """Draw every screen of FILE as a phone shows it, with its length and where its keys lead."""
    found, console = read_or_tell(file.read_bytes()), Console()
    for spoken in [language] if language else found["languages"]:
        if spoken not in found["languages"]:
            raise click.BadParameter(f"This flow does not speak {LANGUAGES[spoken]}.")
        console.print(f"[bold]{LANGUAGES[spoken]}[/bold]")
        console.print(
            Columns([_drawn(one.step, page, one.leads) for one in screens(found, spoken) for page in one.pages])
        )


@flow.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def flow_import(file: Path) -> None:
    """A flow of RapidPro (an export, JSON) as a file for `flow check`; what could not be carried over is listed."""
    try:
        carried = rapidpro.carry(yaml_files.load(file.read_bytes()))
        found = read(carried.data)
    except Faulty as faulty:
        _tell(faulty.faults)
        sys.exit(1)
    click.echo(yaml_files.dump(found), nl=False)
    for line in carried.left:
        click.echo(line, err=True)


@flow.command("library")
@click.argument("name", required=False)
def flow_library(name: str | None) -> None:
    """The flows that ship with smsgate; with a NAME, that one as a file to begin with."""
    known = yaml_files.library()
    if name is None:
        for one, content in known.items():
            found = read(yaml_files.load(content))
            click.echo(f"{one:<20} {found['title']['en']}")
    elif name in known:
        click.echo(known[name].decode(), nl=False)
    else:
        raise click.BadParameter(f"There is no {name}. There are: {', '.join(known)}")


def _drawn(step: int | None, page: str, leads: tuple[tuple[str, str, int | None], ...]) -> Panel:
    title = where_said(step) if step is not None else "End"
    ways = " ".join(f"{key}→{to + 1 if to is not None else 'end'}" for key, _label, to in leads)
    return Panel(Text(page), title=title, subtitle=f"{len(page)}  {ways}"[:60], width=44)


def read_or_tell(content: bytes) -> Definition:
    """A definition of a file; what is wrong is told, and ends with 1."""
    try:
        return read(yaml_files.load(content))
    except Faulty as faulty:
        _tell(faulty.faults)
        sys.exit(1)


def _tell(faults: list[Fault]) -> None:
    for fault in faults:
        mark = "" if fault.severity == ERROR else "(a hint) "
        click.echo(f"{mark}{fault.where}: {fault.what}" if fault.where else f"{mark}{fault.what}", err=True)


COMMANDS = (flow,)
