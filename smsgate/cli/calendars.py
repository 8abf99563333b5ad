"""`smsgate group calendar`: the addresses of a group's calendar feed and of its page to print."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from smsgate.cli.context import wired_service
from smsgate.cli.groups import get_group, group
from smsgate.meetings import calendar_feed


@group.command("calendar")
@click.argument("code")
@click.option("--reset", is_flag=True, help="Make new addresses; the old ones show nothing any more.")
@click.option("--named/--unnamed", default=None, help="Say the group's name and topics there, or not.")
def group_calendar(code: str, reset: bool, named: bool | None) -> None:
    """The calendar of the group with CODE: an address for phones with data, and one to print for a notice board.

    Whoever has them can read the dates. They say the place if the group tells its place, the name if you say --named.
    For another language put ?lang=sw or ?lang=fr behind them.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        token = calendar_feed.open_for(group, named=named, anew=reset)
        month = service.now().astimezone(ZoneInfo(group.zone)).strftime("%Y-%m")
        page, named = f"{service.settings.pages}/calendar/{token}", group.calendar_named
    click.echo(f"To subscribe:  {page}.ics")
    click.echo(f"To print:      {page}/{month}")
    click.echo(f"The name of the group is {'said' if named else 'not said'} there.")


COMMANDS: tuple[click.Command, ...] = ()  # its only command is added to `group`
