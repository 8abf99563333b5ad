"""Flows of a group's own in the service: published, reached, sent, and their answers."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from smsgate.cli.flows import flow, read_or_tell
from smsgate.cli.groups import local_time, the_group
from smsgate.cli.wired import wired
from smsgate.core.errors import Invalid
from smsgate.meetings import time_input
from smsgate.models import Survey
from smsgate.surveys import answers, surveys
from smsgate.surveys.definitions.schema import read
from smsgate.surveys.surveys import Reach

FEW, FEW_SAID = 5, "a few"


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
        same = [one for one in surveys.of_group(session, group.id) if one.name == found["name"]]
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
        for one in surveys.of_group(session, the_group(session, code).id):
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
                said = str(count) if count >= FEW or not count else FEW_SAID
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
    click.echo(f"It leaves to {count if count >= FEW or not count else FEW_SAID} people.")


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
