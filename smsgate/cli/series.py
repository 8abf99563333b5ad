"""Meeting series, and changes to single dates of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.cli.context import read_number, warn_about_same_time, warn_about_wording, wired_service
from smsgate.cli.groups import (
    few_at_most_text,
    get_group,
    get_meeting,
    meeting,
    parse_clock_time,
    parse_local_time,
    people_text,
)
from smsgate.cli.series_texts import changes_text, date_note, next_date_text, series_text, told_text
from smsgate.core.errors import Invalid
from smsgate.meetings import change_notices, host_rotation, meetings, recurrence, rsvp, series
from smsgate.models import Member, RsvpStatus, Series, lookup

SERIES_OPTIONS = (
    click.option("--every", help='How often: "week", "2 weeks", "month", "3 months".'),
    click.option("--on", help='Days: "fri" or "mon,thu"; of a month "last fri", "2nd tue", "1,15" or "last day".'),
    click.option("--rule", help="In place of the two, a rule of RFC 5545: FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-2."),
    click.option("--at", help="The local time, like 15:00; it stays so when the clocks change."),
    click.option("--from", "first", help="The first day, like 2026-12-04; else the next one that fits."),
    click.option("--until", help='The last day that may have a meeting, like 2027-06-30, or "none".'),
    click.option("--place", help="Told to members only if the group tells its place."),
    click.option("--length", type=int, help="Minutes."),
    click.option("--topic", help="What it is about, or who the guest is: a few words, shown with the date."),
    click.option("--zone", help="The time zone of its times; else that of the group."),
)


def _series_options(command: Any) -> Any:  # noqa: ANN401 - click's
    for option in reversed(SERIES_OPTIONS):
        command = option(command)
    return command


@click.group("series")
def series_() -> None:
    """Meetings that come again. Times are local and stay so when the clocks change."""


@series_.command("add")
@click.argument("code")
@_series_options
def add(code: str, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Have the group with CODE meet again and again, like --every week --on fri --at 15:00.

    Its dates show by NEXT 60 days ahead and at least three; reminders go out by themselves.
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


@series_.command("list")
@click.argument("code")
def list_(code: str) -> None:
    """The series of the group with CODE, and the next date of each."""
    service = wired_service()
    table = Table("id", "meets", "place", "minutes", "topic", Column("next", no_wrap=True))
    with service.database.reading() as session:
        for row in series.series_of(session, get_group(session, code)):
            next_date = next_date_text(session, row, service.now())
            table.add_row(str(row.id), series_text(row), row.place or "", str(row.minutes), row.topic or "", next_date)
    Console().print(table)


@series_.command("show")
@click.argument("number", type=int)
def show(number: int) -> None:
    """The dates to come of series NUMBER, moved and skipped ones too, and how many said that they come."""
    service = wired_service()
    table = Table("id", Column("begins", no_wrap=True), "place", "topic", "leads", "coming", "")
    with service.database.reading() as session:
        row = get_series(session, number)
        dates = series.dates_to_come(session, row, service.now())
        hosts = host_rotation.hosts_for(session, row, dates, service.now())
        for meeting in dates:
            if meeting.cancelled_at is not None and meeting.planned_at is None:  # no longer part of the series
                continue
            coming = few_at_most_text(rsvp.rsvp_counts(session, meeting)[RsvpStatus.YES])
            begins = f"{meetings.local_start(meeting):%a %Y-%m-%d %H:%M}"
            cells = (begins, meeting.place or "", meeting.topic or "", _display_name(hosts.get(meeting.id)))
            table.add_row(str(meeting.id), *cells, coming, date_note(meeting))
        heading = f"Series {row.id} of {row.group.name}: {series_text(row)}, {row.minutes} minutes."
    click.echo(heading + (" It has ended." if row.ended_at else ""))
    Console().print(table)


@series_.command("change")
@click.argument("number", type=int)
@_series_options
def change(number: int, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Change series NUMBER; what you do not give stays. Whoever is concerned gets one text.

    Dates that still stand keep what people answered. A date that you moved or cancelled by hand stays so.
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


@series_.command("end")
@click.argument("number", type=int)
def end(number: int) -> None:
    """End series NUMBER: its dates to come are cancelled, and people are told in one text."""
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        changes = series.end_series(session, row, now, service.settings.service_code)
        click.echo(f"Series {row.id} has ended. {changes_text(changes)}{told_text(row.group, changes.told, now)}")


@series_.command("skip")
@click.argument("number", type=int)
@click.argument("day")
def skip(number: int, day: str) -> None:
    """Have no meeting of series NUMBER on DAY, like 2026-12-25, however far ahead. Moving one: smsgate meeting move."""
    service = wired_service()
    with service.database.transaction() as session:
        row = get_series(session, number)
        told = series.skip_date(session, row, parse_day(day), service.now(), service.settings.service_code)
        click.echo(f"No meeting on {day}. {people_text(told)} told.")


@series_.command("extra")
@click.argument("number", type=int)
@click.argument("when")
def extra(number: int, when: str) -> None:
    """Have one more meeting of series NUMBER at WHEN, like "2026-12-20 15:00", at its place and of its length.

    It stays when the series changes, and goes when the series ends. Reminders go out by themselves.
    """
    service = wired_service()
    with service.database.transaction() as session:
        row, now = get_series(session, number), service.now()
        meeting = series.add_extra_date(session, row, parse_local_time(when), now)
        click.echo(f"Meeting {meeting.id} is planned for {when}.")
        warn_about_same_time(session, row.group, now)


@series_.command("leaders")
@click.argument("number", type=int)
@click.argument("phones", nargs=-1)
@click.option("--none", is_flag=True, help="Nobody leads in turns any more.")
def leaders_(number: int, phones: tuple[str, ...], none: bool) -> None:
    """Who leads series NUMBER in turns: members by their numbers (PHONES), in this order. Without any, show it."""
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


@meeting.command("lead")
@click.argument("number", type=int)
@click.argument("phone")
def meeting_lead(number: int, phone: str) -> None:
    """Have the member with this PHONE number lead meeting NUMBER; the turns go on after them."""
    service = wired_service()
    with service.database.transaction() as session:
        member = get_member(session, phone, service.settings.countries)
        host_rotation.assign_host(session, get_meeting(session, number), member)
        click.echo(f"{_display_name(member)} leads meeting {number}.")


@meeting.command("change")
@click.argument("number", type=int)
@click.option("--place", help='Another place; "" for none. Its group is told.')
@click.option("--topic", help='What it is about, or who the guest is; "" for none.')
@click.option("--length", type=int, help="Minutes.")
def meeting_change(number: int, place: str | None, topic: str | None, length: int | None) -> None:
    """Give meeting NUMBER another place, topic or length."""
    service = wired_service()
    with service.database.transaction() as session:
        meeting, now, code = get_meeting(session, number), service.now(), service.settings.service_code
        told = change_notices.update_meeting(session, meeting, now, code, place=place, topic=topic, minutes=length)
        click.echo(f"Meeting {number} is changed.{told_text(meeting.group, told, now)}")
    warn_about_wording(topic, place)


def get_member(session: Session, phone: str, countries: tuple[str, ...]) -> Member:
    """Return the member with this phone number. Raises Invalid."""
    member = lookup.find_member_by_number(session, read_number(phone, countries))
    if member is None:
        raise Invalid(f"Nobody joined with the number {phone}.")
    return member


def get_series(session: Session, number: int) -> Series:
    """Return the series with this id. Raises Invalid."""
    row = session.scalars(select(Series).where(Series.id == number)).first()
    if row is None:
        raise Invalid(f"There is no series {number}. See: smsgate series list CODE")
    return row


def parse_day(text: str) -> date:
    """Parse `2026-12-25` as a date. Raises Invalid."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Invalid(f"{text!r} is no day; write it like 2026-12-25.") from None


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
    """Fill in whichever of `every` and `on` was not given from the old rule, if that rule can be put into words."""
    old_words = recurrence.rule_text(old).removeprefix("every ").split(" on ")
    if rule or len(old_words) != 2:
        return every, on, rule
    return every or old_words[0], on or old_words[1], None


def _display_name(member: Member | None) -> str:
    return (member.name or f"member {member.id}") if member else ""


COMMANDS = (series_,)
