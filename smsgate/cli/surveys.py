"""Surveys that groups write themselves: check and preview files, publish and send surveys, read the answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group, parse_local_time
from smsgate.cli.context import listing, renamed, wired_service
from smsgate.cli.output import AS_JSON, FEWER, print_rows
from smsgate.core import spreadsheets
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.core.privacy import few
from smsgate.meetings import time_input
from smsgate.models import Survey
from smsgate.surveys import answers, surveys
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, InvalidDefinition, parse_definition, where_said
from smsgate.surveys.definitions.validation import find_faults, screens
from smsgate.surveys.surveys import SurveyAccess


@click.group()
def flow() -> None:
    """Check, publish, list and archive a group's own flows: questions, information, polls.

    Files are YAML: see `smsgate flow library`.
    """


@flow.command("check", epilog="Example: smsgate flow check poll.yaml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def flow_check(file: Path) -> None:
    """Check every screen of FILE in every language, and exit with 1 if it cannot be published."""
    try:
        definition = parse_definition(yaml_files.load(file.read_bytes()))
        faults = find_faults(definition)
    except InvalidDefinition as faulty:
        faults = faulty.faults
    _print_faults(faults)
    if any(fault.severity == ERROR for fault in faults):
        sys.exit(1)
    count = sum(len(screens(definition, language)) for language in definition["languages"])
    click.echo(f"{count} screens in {len(definition['languages'])} languages. It can be published.")


@flow.command("show", epilog="Example: smsgate flow show poll.yaml --language sw")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Only in this language.")
def flow_show(file: Path, language: str | None) -> None:
    """Show every screen of FILE as on a phone, with its length and where its keys lead."""
    definition, console = read(file), Console()
    for spoken in [language] if language else definition["languages"]:
        if spoken not in definition["languages"]:
            raise click.BadParameter(f"This flow has no text in {LANGUAGES[spoken]}.")
        console.print(f"[bold]{LANGUAGES[spoken]}[/bold]")
        console.print(
            Columns(
                [
                    _screen_panel(screen.step, page, screen.leads)
                    for screen in screens(definition, spoken)
                    for page in screen.pages
                ]
            )
        )


@flow.command("import", epilog="Example: smsgate flow import export.json --flow 1 > poll.yaml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--flow", "which", help="Which flow of the file: its number, name or UUID.")
@click.option("--list", "as_list", is_flag=True, help="Only list the flows of the file.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE=LANGUAGE",
    help="Which language a language of the file becomes, like spa=en, or spa= to drop it. Can be repeated.",
)
def flow_import(file: Path, which: str | None, *, as_list: bool, languages: tuple[str, ...]) -> None:
    """Convert a flow exported from RapidPro or TextIt (FILE, in JSON) to a file for `flow check`.

    What changes or cannot be converted is listed on standard error, with its place.
    """
    try:
        data = rapidpro.load(file.read_bytes())
        if as_list:
            _print_flows(rapidpro.flows_in(data))
            return
        imported = rapidpro.import_flow(data, which, _parse_languages(languages))
        definition = parse_definition(imported.data)
    except rapidpro.SeveralFlows as several:
        _print_flows(several.flows, err=True)
        raise click.UsageError(f"{several.faults[0].what} Say which with --flow NUMBER.") from None
    except rapidpro.UnknownLanguage as unknown:
        code = unknown.code or "?"
        raise click.UsageError(f"{unknown.faults[0].what} For example: --language {code}=en") from None
    except InvalidDefinition as faulty:
        raise Invalid(_first(faulty.faults)) from None
    click.echo(yaml_files.dump(definition), nl=False)
    for line in imported.left:
        click.echo(line, err=True)


def _print_flows(flows: list[rapidpro.FlowInFile], *, err: bool = False) -> None:
    for one in flows:
        spoken = ", ".join(filter(None, [one.language, *one.translations]))
        click.echo(
            f"{one.number:>4}  {one.name}  ({spoken or '?'}){f': {one.refused}' if one.refused else ''}", err=err
        )


def _parse_languages(languages: tuple[str, ...]) -> dict[str, str]:
    chosen = {}
    for pair in languages:
        code, separator, language = (part.strip() for part in pair.partition("="))
        if not separator or (language and language not in LANGUAGES):
            raise click.BadParameter(f"Write --language CODE=LANGUAGE, with one of: {', '.join(LANGUAGES)}.")
        chosen[code] = language
    return chosen


@flow.command("export", epilog="Example: smsgate flow export poll.yaml > export.json")
@click.argument("flow", metavar="FLOW")
def flow_export(flow: str) -> None:
    """Print FLOW, a file or the number of a flow, in the format that RapidPro and TextIt import."""
    if Path(flow).is_file():
        definition = read(Path(flow))
    elif flow.isdecimal() and len(flow) < 10:
        with wired_service().database.reading() as session:
            survey = _get_survey(session, int(flow))
            version = surveys.published_version(session, survey)
            draft = surveys.content(version) if version else surveys.draft_of(survey)
        definition = _parsed(draft)
    else:
        raise click.BadParameter(f"There is no file {flow}, and no flow has that number.")
    click.echo(json.dumps(rapidpro.export_flow(definition), ensure_ascii=False, indent=1))


@flow.command("library", epilog="Example: smsgate flow library")
@click.argument("name", required=False)
def flow_library(name: str | None) -> None:
    """List the flows that come with smsgate, or print the one called NAME as a file to start from."""
    shipped = yaml_files.library()
    if name is None:
        for flow_name, content in shipped.items():
            definition = parse_definition(yaml_files.load(content))
            click.echo(f"{flow_name:<20} {definition['title']['en']}")
    elif name in shipped:
        click.echo(shipped[name].decode(), nl=False)
    else:
        raise click.BadParameter(f"There is no {name}. There are: {', '.join(shipped)}")


def _screen_panel(step: int | None, page: str, leads: tuple[tuple[str, str, int | None], ...]) -> Panel:
    title = where_said(step) if step is not None else "End"
    destinations = " ".join(f"{key}→{to + 1 if to is not None else 'end'}" for key, _label, to in leads)
    return Panel(Text(page), title=title, subtitle=f"{len(page)}  {destinations}"[:60], width=44)


def read(file: Path) -> Definition:
    """Read the definition in a file. Raises Invalid with its first fault."""
    try:
        return parse_definition(yaml_files.load(file.read_bytes()))
    except InvalidDefinition as faulty:
        raise Invalid(f"{_first(faulty.faults)} All of them: smsgate flow check {file}") from None


def _parsed(data: object) -> Definition:
    try:
        return parse_definition(data)
    except InvalidDefinition as faulty:
        raise Invalid(_first(faulty.faults)) from None


def _first(faults: list[Fault]) -> str:
    fault = next((fault for fault in faults if fault.severity == ERROR), faults[0])
    return f"{fault.where}: {fault.what}" if fault.where else fault.what


def _print_faults(faults: list[Fault]) -> None:
    for fault in faults:
        mark = "" if fault.severity == ERROR else "(a hint) "
        click.echo(f"{mark}{fault.where}: {fault.what}" if fault.where else f"{mark}{fault.what}", err=True)


@flow.command("publish", epilog="Example: smsgate flow publish 4521 poll.yaml --menu")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--menu", is_flag=True, help="Members find it under Groups, in the menu of their group.")
@click.option("--after-joining", is_flag=True, help="New members are offered it.")
@click.option("--word", default="", help="Members reach it by texting this word.")
@click.option("--dial", default="", help="Members reach it by dialling these digits, like 712 in *384*77*712#.")
@click.option("--overwrite", is_flag=True, help="Publish even if the console has unpublished changes, which are lost.")
def flow_publish(code: str, file: Path, menu: bool, after_joining: bool, word: str, dial: str, overwrite: bool) -> None:
    """Publish FILE to group CODE, as a new version if it has a flow of that name."""
    definition, service = read(file), wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        existing = [survey for survey in surveys.surveys_of(session, group.id) if survey.name == definition["name"]]
        survey = existing[0] if existing else surveys.create(session, group, definition, service.now())
        if existing and not overwrite and surveys.has_unpublished_changes(session, survey):
            raise Invalid(
                "The console has changes of this flow that are not published. Add --overwrite to discard them."
            )
        surveys.save_draft(session, survey, definition, survey.draft_number)
        version = surveys.publish(session, survey, None, service.now())
        if not existing or menu or after_joining or word or dial:
            access = SurveyAccess(menu, after_joining, word, dial)
            surveys.set_access(session, survey, access, service.settings.service_code)
        click.echo(f"Flow {survey.id}, version {version.number}, is published.")


@flow.command("list", epilog="Example: smsgate flow list 4521")
@click.argument("code")
@AS_JSON
def flow_list(code: str, as_json: bool) -> None:
    """List the flows of group CODE and how members reach them."""
    rows = []
    with wired_service().database.reading() as session:
        for survey in surveys.surveys_of(session, get_group(session, code).id):
            version = surveys.published_version(session, survey)
            access = (survey.in_menu, survey.after_joining, survey.keyword, survey.code)
            rows.append((survey.id, survey.name, version.number if version else None, *access))
    print_rows(("id", "name", "version", "menu", "joining", "word", "dial"), rows, as_json=as_json)


@flow.command("answers", epilog="Example: smsgate flow answers 1 --csv > answers.csv")
@click.argument("number", type=int)
@click.option("--csv", "as_csv", is_flag=True, help="Print all answers as CSV, one row for each person.")
def flow_answers(number: int, as_csv: bool) -> None:
    """Show the counts of answers to flow NUMBER, or "fewer than 5"."""
    with listing() as session:
        survey = _get_survey(session, number, archived=True)
        version = surveys.published_version(session, survey)
        definition = (
            parse_definition(surveys.draft_of(survey))
            if version is None
            else parse_definition(surveys.content(version))
        )
        if as_csv:
            spreadsheets.write_rows(sys.stdout, answers.table(session, survey, definition))
            return
        for counted in answers.counts(session, survey, definition):
            first = definition["languages"][0]
            click.echo(answers.in_language(counted.words, first, definition))
            for _name, label, count in counted.options:
                shown = few(count, FEWER)
                click.echo(f"  {answers.in_language(label, first, definition):<30} {shown}")


@flow.command("send", epilog='Example: smsgate flow send 1 --at "2026-12-01 18:00"')
@click.argument("number", type=int)
@click.option("--at", help='When, in the group\'s time zone, like "2026-12-01 18:00". Left out: now.')
def flow_send(number: int, at: str | None) -> None:
    """Text the members of its group what to dial for flow NUMBER; the text names no group."""
    service = wired_service()
    with service.database.transaction() as session:
        survey, now = _get_survey(session, number), service.now()
        try:
            due = (
                time_input.near_future_utc(parse_local_time(at), ZoneInfo(survey.group.zone), now)
                if at is not None
                else None
            )
        except time_input.InvalidTime:
            raise Invalid("Choose a time within the next 60 days.") from None
        count = surveys.send(session, survey, now, service.settings.service_code, due)
    click.echo(f"Sending to {few(count, FEWER)} people.")


@flow.command("archive", epilog="Example: smsgate flow archive 1")
@click.argument("number", type=int)
def flow_archive(number: int) -> None:
    """Archive flow NUMBER, so that members no longer reach it; its answers stay until they are due to be deleted."""
    service = wired_service()
    with service.database.transaction() as session:
        surveys.retire(session, _get_survey(session, number), None, service.now())
    click.echo("Archived.")


def _get_survey(session: Session, number: int, *, archived: bool = False) -> Survey:
    survey = session.get(Survey, number)
    if survey is None or (survey.retired_at is not None and not archived):
        raise Invalid(f"There is no flow {number}. See: smsgate flow list CODE")
    return survey


renamed(flow, "retire", "archive")
COMMANDS = (flow,)
