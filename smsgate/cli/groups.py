"""Groups: add, list, show and close them, and change how people join and when members get which texts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group, parse_clock_time, parse_reminder_times
from smsgate.cli.context import renamed, warn_about_wording, wired_service
from smsgate.cli.output import AS_JSON, Cell, few_text, people_text, print_json, print_rows
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.groups import groups, join_requests
from smsgate.meetings import calendar_feed
from smsgate.models import Group, Membership
from smsgate.notices import group_closing
from smsgate.outbox import quiet_hours

ONE_LANGUAGE = "A language of the group, like sw. Repeat it for more."


@click.group()
def group() -> None:
    """Add, list, show and close groups, and change their settings."""


@group.command("add", epilog="Example: smsgate group add Tumaini --zone Africa/Nairobi --listed")
@click.argument("name")
@click.option("--zone", default="Africa/Nairobi", show_default=True, help="The time zone of its meetings.")
@click.option("--code", default="", help="3 to 8 digits to dial or text. Left out: one is chosen.")
@click.option("--listed", is_flag=True, help="Show it in the public list of groups. Left out: people need its code.")
@click.option("--tells-place", is_flag=True, help="Tell members where it meets. Left out: only when.")
@click.option("--language", "languages", multiple=True, help=ONE_LANGUAGE)
@click.option("--by-approval", is_flag=True, help="A leader approves each person who asks to join.")
def group_add(
    name: str, zone: str, code: str, listed: bool, tells_place: bool, languages: tuple[str, ...], by_approval: bool
) -> None:
    """Add a group called NAME and print the code that people join it with.

    Only its members see the name, unless you add --listed.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = groups.create(
            session, name, zone, service.now(), code=code, listed=listed, tells_place=tells_place
        )  # fmt: skip
        join_requests.set_languages(group, list(languages))
        group.by_approval = by_approval
        dial = code_below(service.settings.service_code, group.code)
        click.echo(f"{group.name} has the code {group.code}. To join: dial {dial} or text JOIN {group.code}")
        warn_about_wording(group.name)


@group.command("list", epilog="Example: smsgate group list --json")
@AS_JSON
def group_list(as_json: bool) -> None:
    """List all groups with their codes and numbers of members."""
    with wired_service().database.reading() as session:
        rows = [
            (
                group.code, group.name, few_text(count), group.zone,
                group.listed, group.tells_place, group.closed_at is not None,
            )
            for group, count in groups.member_counts(session)
        ]  # fmt: skip
    print_rows(("code", "name", "members", "zone", "listed", "place told", "closed"), rows, as_json=as_json)


@group.command("show", epilog="Example: smsgate group show 4521")
@click.argument("code")
@AS_JSON
def group_show(code: str, as_json: bool) -> None:
    """Show the settings of group CODE."""
    with wired_service().database.reading() as session:
        settings = _settings(session, get_group(session, code))
    if as_json:
        print_json(settings)
        return
    print_rows(("setting", "value"), list(settings.items()), as_json=False)


def _settings(session: Session, group: Group) -> dict[str, Cell]:
    members = session.scalar(select(func.count()).where(Membership.group_id == group.id)) or 0
    return {
        "code": group.code,
        "name": group.name,
        "members": few_text(members),
        "zone": group.zone,
        "languages": ", ".join(join_requests.languages_of(group)),
        "joining": "by approval" if group.by_approval else "open",
        "listed": group.listed,
        "place told": group.tells_place,
        "quiet hours": quiet_hours.hours_text(group) or "none",
        "reminders": reminder_times.in_words(group.reminders),
        "replies": f"kept for {group.replies_days} days" if group.replies_allowed else "off",
        "closed": group.closed_at is not None,
    }


@group.command("close", epilog="Example: smsgate group close 4521")
@click.argument("code")
def group_close(code: str) -> None:
    """Close group CODE, so that nobody can join it any more, and cancel its upcoming meetings.

    One text tells its members which meetings are cancelled. They keep everything else.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        result = group_closing.close(session, group, service.now(), service.settings.service_code)
        click.echo(f"{group.name} is closed." + (f" {people_text(result.people)} told." if result.people else ""))


@group.command("joining", epilog="Example: smsgate group joining 4521 --by-approval --language sw")
@click.argument("code")
@click.option(
    "--by-approval/--open", default=None, help="A leader approves each person, or anyone with the code can join."
)
@click.option("--language", "languages", multiple=True, help=ONE_LANGUAGE)
@click.option("--all-languages", is_flag=True, help="Offer the group in every language of the service.")
def group_joining(code: str, by_approval: bool | None, languages: tuple[str, ...], all_languages: bool) -> None:
    """Show or change how people join group CODE and which languages it speaks."""
    with wired_service().database.transaction() as session:
        group = get_group(session, code)
        if by_approval is not None:
            group.by_approval = by_approval
        if languages or all_languages:
            join_requests.set_languages(group, list(languages) if not all_languages else [])
        how = "after a leader approves" if group.by_approval else "at once"
        click.echo(f"People join {group.name} {how}. It uses {', '.join(join_requests.languages_of(group))}.")


@group.command("welcome", epilog='Example: smsgate group welcome 4521 sw "Karibu."')
@click.argument("code")
@click.argument("language", required=False)
@click.argument("words", required=False)
def group_welcome(code: str, language: str | None, words: str | None) -> None:
    """Show the welcome that new members of group CODE read, or change it to WORDS in LANGUAGE.

    To remove it in that language, give "" as WORDS.
    """
    with wired_service().database.transaction() as session:
        group = get_group(session, code)
        if language is not None:
            join_requests.set_welcome(group, language, words or "")
        for spoken, text in (group.welcome or {}).items():
            click.echo(f"{spoken}: {text}")
        if not group.welcome:
            click.echo(f"{group.name} has no welcome.")
    warn_about_wording(words)


@group.command("requests", epilog="Example: smsgate group requests 4521 --let-in 1")
@click.argument("code")
@click.option("--let-in", type=int, help="Let in the person with this number in the list.")
@click.option("--decline", type=int, help="Decline the person with this number, kindly.")
@AS_JSON
def group_requests(code: str, let_in: int | None, decline: int | None, as_json: bool) -> None:
    """List who asks to join group CODE, and let them in or decline them.

    They are listed by the names that they chose, and are told the answer.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group, now = get_group(session, code), service.now()
        for chosen, accepted in ((let_in, True), (decline, False)):
            dialled = service.settings.service_code
            if chosen is not None and not join_requests.decide(session, group, chosen, accepted, now, dialled, by=None):
                raise Invalid(f"Nobody with the number {chosen} is asking to join. See: smsgate group requests {code}")
        zone = ZoneInfo(group.zone)
        rows = [
            (request.id, request.name or "Somebody", request.asked_at.astimezone(zone).date())
            for request in join_requests.open_requests(session, group.id, now)
        ]
    if not rows and not as_json:
        click.echo("Nobody is asking to join.")
        return
    print_rows(("id", "name", "since"), rows, as_json=as_json)


@group.command("quiet", epilog="Example: smsgate group quiet 4521 21:00 07:00")
@click.argument("code")
@click.argument("start", metavar="FROM", required=False)
@click.argument("end", metavar="UNTIL", required=False)
@click.option("--none", is_flag=True, help="No quiet hours: notices and reminders are sent at night too.")
def group_quiet(code: str, start: str | None, end: str | None, none: bool) -> None:
    """Show the quiet hours of group CODE, or set them from one local time (FROM) to another (UNTIL).

    Notices, reminders and meeting news wait until they end. Help texts and answers never wait.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if none or start:
            groups.set_quiet_hours(
                session, group, None if none else (parse_clock_time(start), parse_clock_time(end)), service.now()
            )
        click.echo(f"{group.name}: quiet hours {quiet_hours.hours_text(group) or 'none'}, in {group.zone}.")


@group.command("reminders", epilog="Example: smsgate group reminders 4521 2d 3h")
@click.argument("code")
@click.argument("times", nargs=-1)
@click.option("--none", is_flag=True, help="No reminders, except for members who choose their own.")
def group_reminders(code: str, times: tuple[str, ...], none: bool) -> None:
    """Show or change the TIMES before a meeting at which group CODE is reminded.

    2d 3h means two days before, at the time of the meeting, and three hours before. Give at most four times, up to 14
    days before. Members can choose other times for themselves. No reminder is sent in quiet hours.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if none or times:
            groups.set_reminder_times(
                session, group, "" if none else parse_reminder_times(" ".join(times)), service.now()
            )
        click.echo(f"{group.name}: reminders {reminder_times.in_words(group.reminders)} before a meeting.")


@group.command("calendar", epilog="Example: smsgate group calendar 4521 --named")
@click.argument("code")
@click.option("--reset", is_flag=True, help="Make new addresses. The old ones stop working.")
@click.option("--named/--unnamed", default=None, help="Show the group's name and topics there, or hide them.")
def group_calendar(code: str, reset: bool, named: bool | None) -> None:
    """Show the addresses of group CODE's calendar, one to subscribe to and one to print.

    Anyone who has them can read the dates. They show the place if the group tells its place. For another language add
    ?lang=sw or ?lang=fr.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        token = calendar_feed.open_for(group, named=named, anew=reset)
        month = service.now().astimezone(ZoneInfo(group.zone)).strftime("%Y-%m")
        page, named = f"{service.settings.pages}/calendar/{token}", group.calendar_named
    click.echo(f"To subscribe:  {page}.ics")
    click.echo(f"To print:      {page}/{month}")
    click.echo(f"They {'show' if named else 'do not show'} the group's name.")


@group.command("replies", epilog="Example: smsgate group replies 4521 on --days 14")
@click.argument("code")
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]), required=False)
@click.option("--days", type=int, help="Days until a reply is deleted, 14 if you never set it.")
def group_replies(code: str, switch: str | None, days: int | None) -> None:
    """Show whether members of group CODE may reply to notices, or switch replies on or off (ON|OFF).

    The group's leaders read replies on their phones.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if switch or days is not None:
            groups.allow_replies(group, switch == "on" if switch else group.replies_allowed, days)
        setting = f"on, kept for {group.replies_days} days" if group.replies_allowed else "off"
        click.echo(f"{group.name}: replies to notices are {setting}.")


renamed(group, "asked", "requests")
COMMANDS = (group,)
