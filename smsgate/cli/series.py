"""Repeating meetings (series), and changes to their single dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group, get_member, parse_clock_time, parse_day, parse_local_time
from smsgate.cli.context import listing, warn_about_same_time, warn_about_wording, wired_service
from smsgate.cli.output import (
    AS_JSON,
    Cell,
    as_objects,
    few_at_most_text,
    people_text,
    print_json,
    print_rows,
    print_wrapped,
)
from smsgate.cli.series_texts import changes_text, date_note, next_date_text, series_text, told_text
from smsgate.core.errors import Invalid
from smsgate.meetings import host_rotation, meetings, recurrence, rsvp, series
from smsgate.models import Member, RsvpStatus, Series

SERIES_OPTIONS = (
    click.option("--every", help='How often: "week", "2 weeks", "month", "3 months".'),
    click.option("--on", help='Days: "fri" or "mon,thu"; of a month "last fri", "2nd tue", "1,15" or "last day".'),
    click.option("--rule", help="A rule of RFC 5545 in place of --every and --on: FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-2."),
    click.option("--at", help="The local time, like 15:00, also when clocks change."),
    click.option("--from", "first", help="The first day, like 2026-12-04. Left out: the next matching day."),
    click.option("--until", help='The last day that may have a meeting, like 2027-06-30, or "none".'),
    click.option("--place", help="Members read it only if the group tells its place."),
    click.option("--length", type=int, help="Minutes."),
    click.option("--topic", help="What it is about, or who the guest is: a few words, shown with the date."),
    click.option("--zone", help="The time zone of its times. Left out: that of the group."),
)


def _series_options(command: Any) -> Any:  # noqa: ANN401 - click's
    for option in reversed(SERIES_OPTIONS):
        command = option(command)
    return command


@click.group("series")
def series_() -> None:
    """Add, list, show, change and end repeating meetings. Times are local, also when clocks change."""


@series_.command("add", epilog="Example: smsgate series add 4521 --every week --on fri --at 15:00")
@click.argument("code")
@_series_options
def add(code: str, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Add a repeating meeting of group CODE; its members get reminders.

    Members who text NEXT see the dates of 60 days, and at least three.
    """
    if not at:
        raise Invalid("Say at what time: --at 15:00.")
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        shape = series.SeriesSettings(rule=_rule(every, on, rule), at=parse_clock_time(at), zone=group.zone)
        shape = replace(shape, **_shape_values(given))
        row = series.add_series(session, group, shape, service.now())
        click.echo(f"Series {row.id}: {series_text(row)}. The first: {next_date_text(session, row, service.now())}.")
        warn_about_same_time(session, group, service.now())
    warn_about_wording(row.topic, row.place)


@series_.command("list", epilog="Example: smsgate series list 4521")
@click.argument("code")
@AS_JSON
def list_(code: str, as_json: bool) -> None:
    """List the repeating meetings of group CODE, with the next date of each."""
    service = wired_service()
    rows: list[tuple[Cell, ...]] = []
    with listing(service) as session:
        for row in series.series_of(session, get_group(session, code)):
            next_date = next_date_text(session, row, service.now())
            rows.append((row.id, series_text(row), row.place or "", row.minutes, row.topic or "", next_date))
    print_rows(("id", "meets", "place", "minutes", "topic", "next"), rows, as_json=as_json)


@series_.command("show", epilog="Example: smsgate series show 1")
@click.argument("number", type=int)
@AS_JSON
def show(number: int, as_json: bool) -> None:
    """Show the upcoming dates of series NUMBER, moved and skipped ones too, with how many are coming."""
    service = wired_service()
    columns, rows = ("id", "begins", "place", "topic", "leads", "coming", "note"), list[tuple[Cell, ...]]()
    with listing(service) as session:
        row = get_series(session, number)
        dates = series.dates_to_come(session, row, service.now())
        hosts = host_rotation.hosts_for(session, row, dates, service.now())
        for meeting in dates:
            if meeting.cancelled_at is not None and meeting.planned_at is None:  # no longer part of the series
                continue
            coming = few_at_most_text(rsvp.rsvp_counts(session, meeting)[RsvpStatus.YES])
            words = (meeting.place or "", meeting.topic or "", _display_name(hosts.get(meeting.id)))
            rows.append((meeting.id, meetings.local_start(meeting), *words, coming, date_note(meeting)))
        summary = {"series": row.id, "group": row.group.name, "meets": series_text(row), "minutes": row.minutes}
        ended, zone = row.ended_at is not None, row.group.zone
    if as_json:
        print_json({**summary, "ended": ended, "dates": as_objects(columns, rows)})
        return
    heading = "Series {series} of {group}: {meets}, {minutes} minutes.".format(**summary)
    print_wrapped(heading + (" It has ended." if ended else ""))
    print_rows(columns, rows, as_json=False, zone=zone)


@series_.command("change", epilog="Example: smsgate series change 1 --at 16:00")
@click.argument("number", type=int)
@_series_options
def change(number: int, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Change series NUMBER and send one text to everybody concerned.

    What you leave out stays as it is. Dates that don't change keep their answers. Dates that you moved or cancelled
    yourself are left alone.
    """
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        shape = replace(series.settings_of(row), **_shape_values(given))
        if every or on or rule:
            shape = replace(shape, rule=_rule(*_with_old(every, on, rule, shape.rule)))
        if at:
            shape = replace(shape, at=parse_clock_time(at))
        changes = series.change_series(session, row, shape, now, service.settings.service_code)
        told = told_text(row.group, changes.told, now)
        click.echo(f"Series {row.id}: {series_text(row)}. {changes_text(changes)}{told}")
        warn_about_same_time(session, row.group, now)
    warn_about_wording(given["topic"], given["place"])


@series_.command("end", epilog="Example: smsgate series end 1")
@click.argument("number", type=int)
def end(number: int) -> None:
    """End series NUMBER, cancel its upcoming dates and tell people in one text."""
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        changes = series.end_series(session, row, now, service.settings.service_code)
        click.echo(f"Series {row.id} has ended. {changes_text(changes)}{told_text(row.group, changes.told, now)}")


@series_.command("skip", epilog="Example: smsgate series skip 1 2026-12-25")
@click.argument("number", type=int)
@click.argument("day")
def skip(number: int, day: str) -> None:
    """Skip the meeting of series NUMBER on DAY, however far ahead.

    To move one instead: smsgate meeting move
    """
    service = wired_service()
    with service.database.transaction() as session:
        row = get_series(session, number)
        told = series.skip_date(session, row, parse_day(day), service.now(), service.settings.service_code)
        click.echo(f"No meeting on {day}. {people_text(told)} told.")


@series_.command("extra", epilog='Example: smsgate series extra 1 "2026-12-20 15:00"')
@click.argument("number", type=int)
@click.argument("when")
def extra(number: int, when: str) -> None:
    """Add one more meeting to series NUMBER at WHEN, with its place and length.

    It stays when the series changes, and is cancelled when the series ends.
    """
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        meeting = series.add_extra_date(session, row, parse_local_time(when), now)
        click.echo(f"Meeting {meeting.id} is planned for {when}.")
        warn_about_same_time(session, row.group, now)


@series_.command("leaders", epilog="Example: smsgate series leaders 1 0711000001 0711000002")
@click.argument("number", type=int)
@click.argument("phones", nargs=-1)
@click.option("--none", is_flag=True, help="End the rotation.")
def leaders_(number: int, phones: tuple[str, ...], none: bool) -> None:
    """Show who leads series NUMBER, or let the members with these PHONES lead in turns, in this order."""
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        if phones or none:
            pool = [get_member(session, phone, service.settings.countries) for phone in phones]
            host_rotation.set_pool(session, row, pool, now)
        dates = [meeting for meeting in series.dates_to_come(session, row, now) if meeting.cancelled_at is None]
        hosts = host_rotation.hosts_for(session, row, dates, now)
        for meeting in dates:
            host = _display_name(hosts.get(meeting.id)) or "nobody"
            click.echo(f"{meetings.local_start(meeting):%a %Y-%m-%d %H:%M}  {host}")


def get_series(session: Session, number: int) -> Series:
    """Return the series with this id. Raises Invalid."""
    row = session.scalars(select(Series).where(Series.id == number)).first()
    if row is None:
        raise Invalid(f"There is no series {number}. See: smsgate series list CODE")
    return row


def _shape_values(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given, parsed, under the field names of `series.SeriesSettings`."""
    parsers = {"first": parse_day, "until": lambda text: None if text == "none" else parse_day(text)}
    field_names = {"length": "minutes"}
    present = {name: value for name, value in given.items() if value is not None}
    return {field_names.get(name, name): parsers.get(name, lambda text: text)(value) for name, value in present.items()}


def _rule(every: str | None, on: str | None, rule: str | None) -> str:
    if rule and (every or on):
        raise Invalid("Give --rule alone, or --every and --on.")
    return recurrence.validated_rule(rule) if rule else recurrence.parse_rule(every or "week", on or "")


def _with_old(
    every: str | None, on: str | None, rule: str | None, old: str
) -> tuple[str | None, str | None, str | None]:
    """Fill in `every` or `on` from the old rule if it was not given and the old rule can be put into words."""
    old_words = recurrence.rule_text(old).removeprefix("every ").split(" on ")
    if rule or len(old_words) != 2:
        return every, on, rule
    return every or old_words[0], on or old_words[1], None


def _display_name(member: Member | None) -> str:
    return (member.name or f"member {member.id}") if member else ""


COMMANDS = (series_,)
