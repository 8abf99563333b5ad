"""What waits, what is done, and what became too late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo

import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.wired import wired
from smsgate.models import State
from smsgate.outbox import summary
from smsgate.outbox.summary import Standing

WHEN = "%a %d %b %H:%M"


@click.command()
def outbox() -> None:
    """Show how many texts wait, and until when; what is on its way; and what ended within a day. Times are UTC."""
    service = wired()
    with service.database.reading() as session:
        standings = summary.of_all(session, service.now())
        last = summary.last_round(session)
    Console().print(table(standings, UTC))
    click.echo(f"The clock made its last round {last:%Y-%m-%d %H:%M:%S} UTC." if last else "No clock has run yet.")


def table(standings: Iterable[Standing], zone: tzinfo) -> Table:
    """Texts by where they stand; what waits with the times when it is due, in `zone`."""
    made = Table("lane", "kind", "state", "why", "texts", "due")
    for one in standings:
        made.add_row(one.lane, one.kind, one.state, one.reason, str(one.count), _due(one, zone))
    return made


def _due(one: Standing, zone: tzinfo) -> str:
    if one.state is not State.WAITING:
        return ""
    first, last = (due.astimezone(zone) for due in (one.first_due, one.last_due))
    same_day = first.date() == last.date()
    return f"{first:{WHEN}}" if first == last else f"{first:{WHEN}} to {last:{'%H:%M' if same_day else WHEN}}"


COMMANDS = (outbox,)
