"""Surveys that a group writes itself: check and preview them as files, publish, send, and read the answers."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from smsgate.cli.context import wired
from smsgate.cli.groups import local_time, the_group
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.core.privacy import few
from smsgate.meetings import time_input
from smsgate.models import Survey
from smsgate.surveys import answers, surveys
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, Faulty, read, where_said
from smsgate.surveys.definitions.validation import screens, verdict
from smsgate.surveys.surveys import Reach


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
    """Read the definition in a file. Faults are printed to standard error and end the command with status 1."""
    try:
        return read(yaml_files.load(content))
    except Faulty as faulty:
        _tell(faulty.faults)
        sys.exit(1)


def _tell(faults: list[Fault]) -> None:
    for fault in faults:
        mark = "" if fault.severity == ERROR else "(a hint) "
        click.echo(f"{mark}{fault.where}: {fault.what}" if fault.where else f"{mark}{fault.what}", err=True)


A_FEW = "a few"


@flow.command("publish")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--menu", is_flag=True, help="Members find it under Groups, in the group's own room.")
@click.option("--after-joining", is_flag=True, help="It is offered to who joins the group.")
@click.option("--word", default="", help="Members reach it by texting this word.")
@click.option("--dial", default="", help="Members reach it by dialling these digits, like 712 in *384*77*712#.")
def flow_publish(code: str, file: Path, menu: bool, after_joining: bool, word: str, dial: str) -> None:
    """Publish FILE to the group with CODE; one of the same name gets a new version."""
    found, service = read_or_tell(file.read_bytes()), wired()
    with service.database.transaction() as session:
        group = the_group(session, code)
        same = [one for one in surveys.surveys_of(session, group.id) if one.name == found["name"]]
        one = same[0] if same else surveys.create(session, group, found, service.now())
        surveys.save_draft(session, one, found, one.draft_number)
        version = surveys.publish(session, one, None, service.now())
        if not same or menu or after_joining or word or dial:
            surveys.set_reach(session, one, Reach(menu, after_joining, word, dial))
        click.echo(f"Flow {one.id}, version {version.number}, is published.")


@flow.command("list")
@click.argument("code")
def flow_list(code: str) -> None:
    """The flows of the group with CODE, and how members reach them."""
    table = Table("id", "name", "version", "menu", "joining", "word", "dial")
    with wired().database.reading() as session:
        for one in surveys.surveys_of(session, the_group(session, code).id):
            version = surveys.published(session, one)
            ways = ["yes" if way else "" for way in (one.in_menu, one.after_joining)]
            table.add_row(str(one.id), one.name, str(version.number if version else "-"), *ways, one.keyword, one.code)
    Console().print(table)


@flow.command("answers")
@click.argument("number", type=int)
@click.option("--csv", "as_csv", is_flag=True, help="All of them as CSV, a row for each who answered.")
def flow_answers(number: int, as_csv: bool) -> None:
    """What was answered to flow NUMBER: counts, under five as "a few"."""
    with wired().database.reading() as session:
        one = _the_flow(session, number)
        version = surveys.published(session, one)
        definition = read(surveys.draft_of(one)) if version is None else read(surveys.content(version))
        if as_csv:
            csv.writer(sys.stdout).writerows(answers.table(session, one, definition))
            return
        for counted in answers.counts(session, one, definition):
            click.echo(counted.words[definition["languages"][0]])
            for _name, label, count in counted.options:
                said = few(count, A_FEW)
                click.echo(f"  {label[definition['languages'][0]]:<30} {said}")


@flow.command("send")
@click.argument("number", type=int)
@click.option("--at", help='When, on the group\'s clock, like "2026-12-01 18:00"; at once without.')
def flow_send(number: int, at: str | None) -> None:
    """Text the members of its group that flow NUMBER waits for them, and what to dial. The text names no group."""
    service = wired()
    with service.database.transaction() as session:
        one, now = _the_flow(session, number), service.now()
        try:
            due = time_input.ahead(local_time(at), ZoneInfo(one.group.zone), now) if at else None
        except time_input.NotAMoment:
            raise Invalid("That is no time within the next 60 days.") from None
        count = surveys.send(session, one, now, service.settings.service_code, due)
    click.echo(f"It leaves to {few(count, A_FEW)} people.")


@flow.command("retire")
@click.argument("number", type=int)
def flow_retire(number: int) -> None:
    """Nobody reaches flow NUMBER any more. Its answers stay for the days that it says."""
    service = wired()
    with service.database.transaction() as session:
        surveys.retire(session, _the_flow(session, number), None, service.now())
    click.echo("Retired.")


def _the_flow(session: Session, number: int) -> Survey:
    found = session.get(Survey, number)
    if found is None or found.retired_at is not None:
        raise Invalid(f"There is no flow {number}. See: smsgate flow list CODE")
    return found


COMMANDS = (flow,)
