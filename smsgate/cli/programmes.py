"""Programmes of one-to-one support and their cards. Only the console shows who is waiting and who is matched."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group, parse_day
from smsgate.cli.context import warn_about_wording, wired_service
from smsgate.cli.output import AS_JSON, Cell, print_json, print_rows
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.matching import endings, programmes, rules
from smsgate.models import Programme

RULES = {
    "weeks_between": "Weeks between two meetings.", "minutes": "Minutes that a meeting takes.",
    "months": "Months that two walk together at most.", "code_days": "Days for which a card is good.",
    "room_each": "People for whom a supporter has room at most.", "waiting_most": "People who may wait at once.",
}  # fmt: skip


def _rule_options(command: Any) -> Any:  # noqa: ANN401 - click's
    for language in reversed(LANGUAGES):
        command = click.option(f"--{language}", help=f"What people read of it first, in {LANGUAGES[language]}.")(
            command
        )
    for column, said in reversed(RULES.items()):
        command = click.option(f"--{column.replace('_', '-')}", column, type=int, help=said)(command)
    return command


@click.group()
def programme() -> None:
    """Add, list, show, change and close programmes of one-to-one support, and their cards."""


@programme.command("add", epilog='Example: smsgate programme add "Side by side" --group 4521')
@click.argument("name")
@click.option("--group", "code", help="The code of the group whose programme it is. Left out: the network's.")
@click.option("--zone", default="Africa/Nairobi", show_default=True, help="The time zone of its meetings.")
@_rule_options
def add(name: str, code: str | None, zone: str, **given: Any) -> None:  # noqa: ANN401
    """Add a programme called NAME and print its id."""
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code) if code is not None else None
        made = programmes.create(session, name, group.zone if group else zone, service.now(), group)
        _change(made, given)
        click.echo(f"Programme {made.id}: {made.name}. Next: smsgate programme cards add {made.id} 20")


@programme.command("list", epilog="Example: smsgate programme list --json")
@AS_JSON
def list_(as_json: bool) -> None:
    """List all programmes with their groups."""
    with wired_service().database.reading() as session:
        rows = [
            (one.id, one.name, one.group.name if one.group else "network", one.closed_at is not None)
            for one in session.scalars(select(Programme).order_by(Programme.id))
        ]
    print_rows(("id", "name", "of", "closed"), rows, as_json=as_json)


@programme.command("show", epilog="Example: smsgate programme show 1")
@click.argument("which", metavar="ID", type=int)
@AS_JSON
def show(which: int, as_json: bool) -> None:
    """Show the rules and words of programme ID."""
    with wired_service().database.reading() as session:
        said = _settings(_get(session, which))
    if as_json:
        print_json(said)
        return
    print_rows(("setting", "value"), list(said.items()), as_json=False)


def _settings(one: Programme) -> dict[str, Cell]:
    return {
        "id": one.id,
        "name": one.name,
        "of": one.group.name if one.group else "network",
        "zone": one.zone,
        **{column.replace("_", " "): getattr(one, column) for column in RULES},
        "shares numbers": one.shares_numbers,
        **{f"words {language}": one.words.get(language, "") for language in LANGUAGES},
        "closed": one.closed_at is not None,
    }


@programme.command("change", epilog="Example: smsgate programme change 1 --months 6 --no-shares-numbers")
@click.argument("which", metavar="ID", type=int)
@click.option("--name", help="Its name.")
@click.option(
    "--shares-numbers/--no-shares-numbers", default=None, help="Two may see each other's number if both agree."
)
@_rule_options
def change(which: int, **given: Any) -> None:  # noqa: ANN401
    """Change the rules and words of programme ID; what you leave out stays as it is."""
    with wired_service().database.transaction() as session:
        one = _get(session, which, is_open=True)
        _change(one, given)
        click.echo(f"Programme {one.id}: {one.name}. Saved.")


def _change(one: Programme, given: dict[str, Any]) -> None:
    new = {key: value for key, value in given.items() if value is not None}
    words = {**one.words, **{language: new[language] for language in LANGUAGES if language in new}}
    interests = {language: [named.get(language, "") for named in one.interests.values()] for language in LANGUAGES}
    numbers = {column: new.get(column, getattr(one, column)) for column in RULES}
    shares = new.get("shares_numbers", one.shares_numbers)
    name = new.get("name", one.name)
    rules.save(one, rules.Rules(name, words, interests, one.languages, one.areas, numbers, shares))
    warn_about_wording(one.name, *one.words.values())


@programme.command("close", epilog="Example: smsgate programme close 1")
@click.argument("which", metavar="ID", type=int)
def close(which: int) -> None:
    """Close programme ID, end everything open in it and tell everyone who is waiting or matched."""
    service = wired_service()
    with service.database.transaction() as session:
        one = _get(session, which, is_open=True)
        endings.close(session, one, service.now(), service.settings.service_code)
        click.echo(f"{one.name} is closed.")


@programme.group()
def cards() -> None:
    """Add, list and remove batches of cards; all cards of a batch have the same code."""


@cards.command("add", epilog="Example: smsgate programme cards add 1 20 --from 2026-12-01")
@click.argument("which", metavar="ID", type=int)
@click.argument("count", type=int)
@click.option("--from", "day", help="The day on which they are handed out. Left out: today.")
def cards_add(which: int, count: int, day: str | None) -> None:
    """Add a batch of COUNT cards to programme ID and print its code."""
    service = wired_service()
    with service.database.transaction() as session:
        one = _get(session, which, is_open=True)
        on = parse_day(day) if day else programmes.today(one, service.now())
        made = programmes.make_cards(session, one, count, on, service.now())
        dial = code_below(service.settings.service_code, made.code)
        click.echo(f"{made.cards} cards with the code {made.code}, good until {made.last_day}. To ask: dial {dial}")


@cards.command("list", epilog="Example: smsgate programme cards list 1")
@click.argument("which", metavar="ID", type=int)
@AS_JSON
def cards_list(which: int, as_json: bool) -> None:
    """List the batches of programme ID with their codes and last days."""
    with wired_service().database.reading() as session:
        rows = [
            (batch.code, batch.cards, batch.handed_out_on.isoformat(), batch.last_day.isoformat())
            for batch in programmes.batches_of(session, _get(session, which))
        ]
    print_rows(("code", "cards", "handed out", "good until"), rows, as_json=as_json)


@cards.command("remove", epilog="Example: smsgate programme cards remove 1 1234567")
@click.argument("which", metavar="ID", type=int)
@click.argument("code")
def cards_remove(which: int, code: str) -> None:
    """Remove the cards with CODE from programme ID, so that the code no longer leads to it."""
    service = wired_service()
    with service.database.transaction() as session:
        one = _get(session, which)
        batch = programmes.find_cards(session, code)
        if batch is None or batch.programme_id != one.id:
            raise Invalid(
                f"This programme has no cards with the code {code}. See: smsgate programme cards list {one.id}"
            )
        programmes.end_cards(one, batch, service.now())
        click.echo(f"The cards with the code {batch.code} are no longer good.")


def _get(session: Session, which: int, *, is_open: bool = False) -> Programme:
    one = session.get(Programme, which)
    if one is None:
        raise Invalid(f"There is no programme {which}. See: smsgate programme list")
    if is_open and one.closed_at is not None:
        raise Invalid(f"{one.name} is closed.")
    return one


COMMANDS = (programme,)
