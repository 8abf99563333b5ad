"""Groups and their meetings, with the lookups, parsers and formatting that other command modules share."""

from __future__ import annotations

from datetime import datetime, time

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.cli.context import warn_about_same_time, warn_about_wording, wired_service
from smsgate.core import privacy
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.groups import groups, join_requests
from smsgate.meetings import change_notices, meetings, rsvp
from smsgate.models import Group, Meeting, MessageKind, RsvpStatus
from smsgate.notices import group_closing
from smsgate.outbox import quiet_hours

WHEN = "%Y-%m-%d %H:%M"


@click.group()
def group() -> None:
    """Make, list and close groups."""


@group.command("add")
@click.argument("name")
@click.option("--zone", default="Africa/Nairobi", show_default=True, help="The time zone of its meetings.")
@click.option("--code", default="", help="3 to 8 digits to dial or text; made if you give none.")
@click.option("--listed", is_flag=True, help="Show it in the list of groups; else people need its code.")
@click.option("--tells-place", is_flag=True, help="Tell members where it meets; else only when.")
@click.option("--language", "languages", multiple=True, help="One that it speaks, like sw; give it again for more.")
@click.option("--by-approval", is_flag=True, help="Who leads it says yes or no to who asks to join.")
def group_add(
    name: str, zone: str, code: str, listed: bool, tells_place: bool, languages: tuple[str, ...], by_approval: bool
) -> None:
    """Make a group called NAME. The name is shown to its members only, or to all who look at the list."""
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


@group.command("list")
def group_list() -> None:
    """All groups with their codes and how many members each has."""
    table = Table("code", "name", "members", "zone", "listed", "place told", "closed")
    with wired_service().database.reading() as session:
        for group, count in groups.member_counts(session):
            marks = [_yes(group.listed), _yes(group.tells_place), _yes(group.closed_at is not None)]
            table.add_row(group.code, group.name, few_text(count), group.zone, *marks)
    Console().print(table)


@group.command("close")
@click.argument("code")
def group_close(code: str) -> None:
    """Close the group with CODE: nobody can join it any more, and its meetings to come are cancelled.

    Members are told of the meetings in one text, and keep everything else.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        result = group_closing.close(session, group, service.now(), service.settings.service_code)
        click.echo(f"{group.name} is closed." + (f" {people_text(result.people)} told." if result.people else ""))


@group.command("joining")
@click.argument("code")
@click.option("--by-approval/--open", default=None, help="Who leads it says yes or no; or whoever has the code joins.")
@click.option("--language", "languages", multiple=True, help="One that it speaks, like sw; give it again for more.")
@click.option("--all-languages", is_flag=True, help="It speaks every language of the service.")
def group_joining(code: str, by_approval: bool | None, languages: tuple[str, ...], all_languages: bool) -> None:
    """Show or change how the group with CODE is joined, and which languages it speaks."""
    with wired_service().database.transaction() as session:
        group = get_group(session, code)
        if by_approval is not None:
            group.by_approval = by_approval
        if languages or all_languages:
            join_requests.set_languages(group, list(languages) if not all_languages else [])
        how = "after a yes of who leads it" if group.by_approval else "at once"
        click.echo(f"{group.name} is joined {how}. It speaks {', '.join(join_requests.languages_of(group))}.")


@group.command("welcome")
@click.argument("code")
@click.argument("language", required=False)
@click.argument("words", required=False)
def group_welcome(code: str, language: str | None, words: str | None) -> None:
    """Show what the group with CODE says to who has joined, or have it say WORDS in a LANGUAGE; "" for nothing."""
    with wired_service().database.transaction() as session:
        group = get_group(session, code)
        if language is not None:
            join_requests.set_welcome(group, language, words or "")
        for spoken, text in (group.welcome or {}).items():
            click.echo(f"{spoken}: {text}")
        if not group.welcome:
            click.echo(f"{group.name} has no welcome.")
    warn_about_wording(words)


@group.command("asked")
@click.argument("code")
@click.option("--let-in", type=int, help="Say yes to the one with this number of the list.")
@click.option("--decline", type=int, help="Say no, kindly.")
def group_asked(code: str, let_in: int | None, decline: int | None) -> None:
    """Who asks to join the group with CODE, by the names that they chose; say yes or no. They are told."""
    service = wired_service()
    with service.database.transaction() as session:
        group, now = get_group(session, code), service.now()
        for chosen, accepted in ((let_in, True), (decline, False)):
            dialled = service.settings.service_code
            if chosen is not None and not join_requests.decide(session, group, chosen, accepted, now, dialled, by=None):
                raise Invalid(f"Nobody with the number {chosen} asks now. See: smsgate group asked {code}")
        for request in join_requests.open_requests(session, group.id, now):
            click.echo(f"{request.id}  {request.name or 'Somebody'}  since {request.asked_at:%Y-%m-%d}")


@group.command("quiet")
@click.argument("code")
@click.argument("start", metavar="FROM", required=False)
@click.argument("end", metavar="UNTIL", required=False)
@click.option("--none", is_flag=True, help="No quiet hours: notices and reminders come at night too.")
def group_quiet(code: str, start: str | None, end: str | None, none: bool) -> None:
    """Show the quiet hours of the group with CODE, or have them FROM one local time UNTIL another, like 21:00 07:00.

    Notices, reminders and meeting news wait for their end; help texts and answers never wait.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if none or start:
            groups.set_quiet_hours(
                session, group, None if none else (parse_clock_time(start), parse_clock_time(end)), service.now()
            )
        click.echo(f"{group.name}: quiet hours {quiet_hours.hours_text(group) or 'none'}, in {group.zone}.")


@group.command("reminders")
@click.argument("code")
@click.argument("times", nargs=-1)
@click.option("--none", is_flag=True, help="No reminders, but to members who choose their own.")
def group_reminders(code: str, times: tuple[str, ...], none: bool) -> None:
    """Show how long before its meetings the group with CODE is reminded, or have it at other TIMES, like: 2d 3h.

    That is two days before at the time of the meeting, and three hours before. At most four, at most 14 days before.
    Each member may have it otherwise. None comes in quiet hours.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if none or times:
            groups.set_reminder_times(
                session, group, "" if none else parse_reminder_times(" ".join(times)), service.now()
            )
        click.echo(f"{group.name}: reminders {reminder_times.said(group.reminders)} before a meeting.")


@click.group()
def meeting() -> None:
    """Plan, move and cancel meetings. Times are local to the group, like "2026-12-01 14:00"."""


@meeting.command("add")
@click.argument("code")
@click.argument("when")
@click.option("--place", help="Told to members only if the group tells its place.")
def meeting_add(code: str, when: str, place: str | None) -> None:
    """Plan a meeting of the group with CODE at WHEN. Reminders go out by themselves."""
    service = wired_service()
    with service.database.transaction() as session:
        group, now = get_group(session, code), service.now()
        meeting = meetings.plan(session, group, parse_local_time(when), place, now)
        click.echo(f"Meeting {meeting.id} is planned for {when}.")
        warn_about_same_time(session, group, now)
    warn_about_wording(place)


@meeting.command("list")
@click.argument("code")
def meeting_list(code: str) -> None:
    """The coming meetings of the group with CODE, how many said that they come, and who let it be seen."""
    service = wired_service()
    table = Table("id", "when", "place", "coming", "maybe", "not coming", "names")
    with service.database.reading() as session:
        group = get_group(session, code)
        for meeting in meetings.upcoming(session, [group.id], service.now()):
            answers = rsvp.rsvp_counts(session, meeting)
            local = meetings.local_start(meeting).strftime(WHEN)
            counts = [few_at_most_text(answers[answer]) for answer in (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.NO)]
            names = ", ".join(rsvp.attendee_names(session, meeting))
            table.add_row(str(meeting.id), local, meeting.place or "", *counts, names)
    Console().print(table)


@meeting.command("move")
@click.argument("number", type=int)
@click.argument("when")
def meeting_move(number: int, when: str) -> None:
    """Move meeting NUMBER to WHEN. Its group is told at once, or in the morning if that is early enough."""
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now = get_meeting(session, number), service.now()
        former_start = meeting.starts_at
        told = change_notices.move_meeting(session, meeting, parse_local_time(when), now, service.settings.service_code)
        useful_until = min(former_start, meeting.starts_at)
        departure = quiet_hours.send_time_text(meeting.group, MessageKind.MEETING_NEWS, useful_until, now)
        click.echo(f"Moved. {people_text(told.people)} told {departure}.")
        warn_about_same_time(session, meeting.group, now)


@meeting.command("cancel")
@click.argument("number", type=int)
def meeting_cancel(number: int) -> None:
    """Cancel meeting NUMBER. Those who did not say that they stay away are told at once, or
    in the morning if that is early enough.
    """
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now = get_meeting(session, number), service.now()
        count = meetings.cancel(session, meeting, now, service.settings.service_code)
        departure = quiet_hours.send_time_text(meeting.group, MessageKind.MEETING_NEWS, meeting.starts_at, now)
        click.echo(f"Cancelled. {people_text(count)} told {departure}.")


def get_group(session: Session, code: str) -> Group:
    """Return the group with this code. Raises Invalid."""
    group = groups.find_group(session, code)
    if group is None:
        raise Invalid(f"No group has the code {code}. See: smsgate group list")
    return group


def get_meeting(session: Session, number: int) -> Meeting:
    """Return the meeting with this id. Raises Invalid."""
    meeting = session.scalars(select(Meeting).where(Meeting.id == number)).first()
    if meeting is None:
        raise Invalid(f"There is no meeting {number}. See: smsgate meeting list CODE")
    return meeting


def parse_local_time(text: str) -> datetime:
    """Parse `2026-12-01 14:00` as a local time without a zone. Raises Invalid."""
    try:
        return datetime.strptime(text, WHEN)
    except ValueError:
        raise Invalid(f"{text!r} is no date and time; write it like 2026-12-01 14:00.") from None


def parse_reminder_times(typed: str) -> str:
    """Parse reminder times such as `2d 3h` into the form that is stored. Raises Invalid."""
    try:
        return reminder_times.read(typed)
    except reminder_times.InvalidReminderTimes as error:
        why = {reminder_times.Wrong.MANY: "At most four.", reminder_times.Wrong.FAR: "At most 14 days before."}
        raise Invalid(f"{why.get(error.wrong, f'{typed!r} cannot be read.')} Write it like: 2d 3h") from None


def parse_clock_time(text: str | None) -> time:
    """Parse `21:00` as a time of day. Raises Invalid."""
    try:
        return datetime.strptime(text or "", "%H:%M").time()
    except ValueError:
        raise Invalid(f"{text or ''!r} is no time of day; write it like 21:00.") from None


def few_text(count: int) -> str:
    """Format a count so that it cannot single anybody out."""
    return privacy.few(count, "a few") if count else "none"


def few_at_most_text(count: int) -> str:
    """Format a count of answers. Zero reads like any small count, or the first person to answer would be visible."""
    return "a few at most" if privacy.is_few(count) else str(count)


def people_text(count: int) -> str:
    """Format a number of people: `1 person`, `2 people`."""
    return "1 person" if count == 1 else f"{count} people"


def _yes(on: bool) -> str:
    return "yes" if on else ""


COMMANDS = (group, meeting)
