"""Meetings: add, list, move, change and cancel them, and choose who facilitates one."""

from __future__ import annotations

import click

from smsgate.cli.arguments import get_group, get_meeting, get_member, parse_local_time
from smsgate.cli.context import listing, warn_about_same_time, warn_about_wording, wired_service
from smsgate.cli.output import AS_JSON, Cell, few_at_most_text, people_text, print_rows
from smsgate.cli.series_texts import told_text
from smsgate.meetings import change_notices, host_rotation, meetings, rsvp
from smsgate.models import MessageKind, RsvpStatus
from smsgate.outbox import quiet_hours


@click.group()
def meeting() -> None:
    """Add, list, move, change and cancel meetings. Times are in the group's time zone."""


@meeting.command("add", epilog='Example: smsgate meeting add 4521 "2026-12-01 14:00" --place "Hall"')
@click.argument("code")
@click.argument("when")
@click.option("--place", help="Members read it only if the group tells its place.")
def meeting_add(code: str, when: str, place: str | None) -> None:
    """Add a meeting of group CODE at WHEN; its members get reminders."""
    service = wired_service()
    with service.database.transaction() as session:
        group, now = get_group(session, code), service.now()
        meeting = meetings.plan(session, group, parse_local_time(when), place, now)
        click.echo(f"Meeting {meeting.id} is planned for {when} ({group.zone}).")
        warn_about_same_time(session, group, now)
    warn_about_wording(place)


@meeting.command("list", epilog="Example: smsgate meeting list 4521")
@click.argument("code")
@AS_JSON
def meeting_list(code: str, as_json: bool) -> None:
    """List the upcoming meetings of group CODE, with how many are coming.

    It names those who let their leaders see it.
    """
    service = wired_service()
    rows: list[tuple[Cell, ...]] = []
    with listing(service) as session:
        group = get_group(session, code)
        zone = group.zone
        for meeting in meetings.upcoming(session, [group.id], service.now()):
            answers = rsvp.rsvp_counts(session, meeting)
            counts = [few_at_most_text(answers[answer]) for answer in (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.NO)]
            names = ", ".join(rsvp.attendee_names(session, meeting))
            rows.append((meeting.id, meetings.local_start(meeting), meeting.place or "", *counts, names))
    print_rows(("id", "when", "place", "coming", "maybe", "not coming", "names"), rows, as_json=as_json, zone=zone)


@meeting.command("move", epilog='Example: smsgate meeting move 1 "2026-12-01 15:00"')
@click.argument("number", type=int)
@click.argument("when")
def meeting_move(number: int, when: str) -> None:
    """Move meeting NUMBER to WHEN and tell its group.

    In the group's quiet hours the text waits until morning, if that is early enough.
    """
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now = get_meeting(session, number), service.now()
        former_start = meeting.starts_at
        told = change_notices.move_meeting(session, meeting, parse_local_time(when), now, service.settings.service_code)
        useful_until = min(former_start, meeting.starts_at)
        departure = quiet_hours.send_time_text(meeting.group, MessageKind.MEETING_NEWS, useful_until, now)
        click.echo(f"Moved. {people_text(told.people)} told {departure}.")
        warn_about_same_time(session, meeting.group, now)


@meeting.command("change", epilog='Example: smsgate meeting change 1 --topic "A guest"')
@click.argument("number", type=int)
@click.option("--place", help='The new place, or "" for none. Its group is told.')
@click.option("--topic", help='What it is about, or who the guest is; "" for none.')
@click.option("--length", type=int, help="Minutes.")
def meeting_change(number: int, place: str | None, topic: str | None, length: int | None) -> None:
    """Change the place, topic or length of meeting NUMBER."""
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now, code = get_meeting(session, number), service.now(), service.settings.service_code
        told = change_notices.update_meeting(session, meeting, now, code, place=place, topic=topic, minutes=length)
        click.echo(f"Meeting {number} is changed.{told_text(meeting.group, told, now)}")
    warn_about_wording(topic, place)


@meeting.command("cancel", epilog="Example: smsgate meeting cancel 1")
@click.argument("number", type=int)
def meeting_cancel(number: int) -> None:
    """Cancel meeting NUMBER and tell everyone, except those who said they aren't coming.

    In the group's quiet hours the text waits until morning, if that is early enough.
    """
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now = get_meeting(session, number), service.now()
        count = meetings.cancel(session, meeting, now, service.settings.service_code)
        departure = quiet_hours.send_time_text(meeting.group, MessageKind.MEETING_NEWS, meeting.starts_at, now)
        click.echo(f"Cancelled. {people_text(count)} told {departure}.")


@meeting.command("lead", epilog="Example: smsgate meeting lead 1 0711000001")
@click.argument("number", type=int)
@click.argument("phone")
def meeting_lead(number: int, phone: str) -> None:
    """Let the member with this PHONE number lead meeting NUMBER; the rotation continues after them."""
    service = wired_service()
    with service.database.transaction() as session:
        member = get_member(session, phone, service.settings.countries)
        host_rotation.assign_host(session, get_meeting(session, number), member)
        click.echo(f"{member.name or f'member {member.id}'} leads meeting {number}.")


COMMANDS = (meeting,)
