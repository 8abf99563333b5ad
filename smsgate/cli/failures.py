"""Rows that could not be worked on and were set aside: list them, and try them again."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.context import wired_service
from smsgate.models import row_failures
from smsgate.outbox import set_aside


@click.command()
@click.option("--retry", is_flag=True, help="Try all of them again now, after you mended the cause.")
def failures(retry: bool) -> None:
    """Show what could not be worked on and was set aside; nothing else waits for it. Times are UTC.

    Each is tried again by itself, at least every hour. A time zone that is gone: set another for the group. WrongKey:
    put the key that sealed it back into SMSGATE_KEYS. Anything else: ask a developer, with the task and the row.
    """
    service = wired_service()
    with service.database.transaction() as session:
        found = row_failures.failures(session)
        layout = Table("task", "row", "what", "since (UTC)", "tries")
        for row in found:
            layout.add_row(row.task, str(row.row_id), row.error, f"{row.first_at:%Y-%m-%d %H:%M}", str(row.times))
        if retry:
            row_failures.retry_all(session)
            set_aside.retry_due(session, service.now())
    if not found:
        click.echo("Nothing is set aside.")
        return
    Console().print(layout)
    click.echo("They are tried again now." if retry else "Try them again at once with smsgate failures --retry.")


COMMANDS = (failures,)
