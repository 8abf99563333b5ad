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

from smsgate.cli.context import tell_doubts, wired
from smsgate.cli.groups import clock_time, few_at_most, local_time, meeting, people, the_group, the_meeting
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.meetings import change_notices, host_rotation, meetings, recurrence, rsvp, series
from smsgate.meetings.change_notices import ChangeType
from smsgate.models import Group, Meeting, Member, MessageKind, RsvpStatus, Series, lookup
from smsgate.outbox import quiet_hours

SHAPE = (
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


def _shaped(command: Any) -> Any:  # noqa: ANN401 - click's
    for option in reversed(SHAPE):
        command = option(command)
    return command


@click.group("series")
def series_() -> None:
    """Meetings that come again. Times are local and stay so when the clocks change."""


@series_.command("add")
@click.argument("code")
@_shaped
def add(code: str, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Have the group with CODE meet again and again, like --every week --on fri --at 15:00.

    Its dates show by NEXT 60 days ahead and at least three; reminders go out by themselves.
    """
    if not at:
        raise Invalid("Say at what time: --at 15:00.")
    service = wired()
    with service.database.transaction() as session:
        found = the_group(session, code)
        shape = series.Shape(rule=_rule(every, on, rule), at=clock_time(at), zone=found.zone)
        shape = replace(shape, **_given(given))
        made = series.add_series(session, found, shape, service.now())
        click.echo(f"Series {made.id}: {_said(made)}. The first: {_next_said(session, made, service.now())}.")
    tell_doubts(made.topic, made.place)


@series_.command("list")
@click.argument("code")
def list_(code: str) -> None:
    """The series of the group with CODE, and the next date of each."""
    service = wired()
    table = Table("id", "meets", "place", "minutes", "topic", Column("next", no_wrap=True))
    with service.database.reading() as session:
        for one in series.series_of(session, the_group(session, code)):
            following = _next_said(session, one, service.now())
            table.add_row(str(one.id), _said(one), one.place or "", str(one.minutes), one.topic or "", following)
    Console().print(table)


@series_.command("show")
@click.argument("number", type=int)
def show(number: int) -> None:
    """The dates to come of series NUMBER, moved and skipped ones too, and how many said that they come."""
    service = wired()
    table = Table("id", Column("begins", no_wrap=True), "place", "topic", "leads", "coming", "")
    with service.database.reading() as session:
        one = the_series(session, number)
        found = series.to_come(session, one, service.now())
        leads = host_rotation.hosts_for(session, one, found, service.now())
        for row in found:
            if row.cancelled_at is not None and row.planned_at is None:  # the series no longer includes this date
                continue
            coming = few_at_most(rsvp.rsvp_counts(session, row)[RsvpStatus.YES])
            begins = f"{meetings.local_start(row):%a %Y-%m-%d %H:%M}"
            words = (begins, row.place or "", row.topic or "", _called(leads.get(row.id)))
            table.add_row(str(row.id), *words, coming, _mark(row))
        heading = f"Series {one.id} of {one.group.name}: {_said(one)}, {one.minutes} minutes."
    click.echo(heading + (" It has ended." if one.ended_at else ""))
    Console().print(table)


@series_.command("change")
@click.argument("number", type=int)
@_shaped
def change(number: int, every: str | None, on: str | None, rule: str | None, at: str | None, **given: Any) -> None:  # noqa: ANN401
    """Change series NUMBER; what you do not give stays. Whoever is concerned gets one text.

    Dates that still stand keep what people answered. A date that you moved or cancelled by hand stays so.
    """
    service = wired()
    with service.database.transaction() as session:
        one, now = the_series(session, number), service.now()
        shape = replace(series.shape_of(one), **_given(given))
        if every or on or rule:
            shape = replace(shape, rule=_rule(*_with_old(every, on, rule, shape.rule)))
        if at:
            shape = replace(shape, at=clock_time(at))
        done = series.change_series(session, one, shape, now, service.settings.service_code)
        click.echo(f"Series {one.id}: {_said(one)}. {_done(done)}{_told(one.group, done.told, now)}")
    tell_doubts(given["topic"], given["place"])


@series_.command("end")
@click.argument("number", type=int)
def end(number: int) -> None:
    """End series NUMBER: its dates to come are cancelled, and people are told in one text."""
    service = wired()
    with service.database.transaction() as session:
        one, now = the_series(session, number), service.now()
        done = series.end_series(session, one, now, service.settings.service_code)
        click.echo(f"Series {one.id} has ended. {_done(done)}{_told(one.group, done.told, now)}")


@series_.command("skip")
@click.argument("number", type=int)
@click.argument("day")
def skip(number: int, day: str) -> None:
    """Have no meeting of series NUMBER on DAY, like 2026-12-25, however far ahead. Moving one: smsgate meeting move."""
    service = wired()
    with service.database.transaction() as session:
        one = the_series(session, number)
        told = series.skip_date(session, one, local_day(day), service.now(), service.settings.service_code)
        click.echo(f"No meeting on {day}. {people(told)} told.")


@series_.command("extra")
@click.argument("number", type=int)
@click.argument("when")
def extra(number: int, when: str) -> None:
    """Have one more meeting of series NUMBER at WHEN, like "2026-12-20 15:00", at its place and of its length.

    It stays when the series changes, and goes when the series ends. Reminders go out by themselves.
    """
    service = wired()
    with service.database.transaction() as session:
        made = series.add_extra_date(session, the_series(session, number), local_time(when), service.now())
        click.echo(f"Meeting {made.id} is planned for {when}.")


@series_.command("leaders")
@click.argument("number", type=int)
@click.argument("phones", nargs=-1)
@click.option("--none", is_flag=True, help="Nobody leads in turns any more.")
def leaders_(number: int, phones: tuple[str, ...], none: bool) -> None:
    """Who leads series NUMBER in turns: members by their numbers (PHONES), in this order. Without any, show it."""
    service = wired()
    with service.database.transaction() as session:
        one, now = the_series(session, number), service.now()
        if phones or none:
            found = [the_member(session, phone, service.settings.countries) for phone in phones]
            host_rotation.set_pool(session, one, found, now)
        rows = [row for row in series.to_come(session, one, now) if row.cancelled_at is None]
        leads = host_rotation.hosts_for(session, one, rows, now)
        for row in rows:
            click.echo(f"{meetings.local_start(row):%a %Y-%m-%d %H:%M}  {_called(leads.get(row.id)) or 'nobody'}")


@meeting.command("lead")
@click.argument("number", type=int)
@click.argument("phone")
def meeting_lead(number: int, phone: str) -> None:
    """Have the member with this PHONE number lead meeting NUMBER; the turns go on after them."""
    service = wired()
    with service.database.transaction() as session:
        member = the_member(session, phone, service.settings.countries)
        host_rotation.assign_host(session, the_meeting(session, number), member)
        click.echo(f"{_called(member)} leads meeting {number}.")


@meeting.command("change")
@click.argument("number", type=int)
@click.option("--place", help='Another place; "" for none. Its group is told.')
@click.option("--topic", help='What it is about, or who the guest is; "" for none.')
@click.option("--length", type=int, help="Minutes.")
def meeting_change(number: int, place: str | None, topic: str | None, length: int | None) -> None:
    """Give meeting NUMBER another place, topic or length."""
    service = wired()
    with service.database.transaction() as session:
        one, now, code = the_meeting(session, number), service.now(), service.settings.service_code
        told = change_notices.update_meeting(session, one, now, code, place=place, topic=topic, minutes=length)
        click.echo(f"Meeting {number} is changed.{_told(one.group, told, now)}")
    tell_doubts(topic, place)


def the_member(session: Session, phone: str, countries: tuple[str, ...]) -> Member:
    """Return the member with this phone number. Raises Invalid."""
    try:
        found = lookup.find_member_by_number(session, e164(phone, countries))
    except NotANumber:
        raise Invalid(f"{phone!r} is no phone number.") from None
    if found is None:
        raise Invalid(f"Nobody joined with the number {phone}.")
    return found


def the_series(session: Session, number: int) -> Series:
    """Return the series with this id. Raises Invalid."""
    found = session.scalars(select(Series).where(Series.id == number)).first()
    if found is None:
        raise Invalid(f"There is no series {number}. See: smsgate series list CODE")
    return found


def local_day(text: str) -> date:
    """Parse `2026-12-25` as a date. Raises Invalid."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Invalid(f"{text!r} is no day; write it like 2026-12-25.") from None


def _given(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given, parsed, under the field names of `series.Shape`."""
    read = {"first": local_day, "until": lambda text: None if text == "none" else local_day(text)}
    named = {"length": "minutes"}
    return {
        named.get(name, name): read.get(name, lambda it: it)(value)
        for name, value in given.items()
        if value is not None
    }


def _rule(every: str | None, on: str | None, rule: str | None) -> str:
    if rule and (every or on):
        raise Invalid("Give --rule alone, or --every and --on.")
    return recurrence.checked(rule) if rule else recurrence.parse_rule(every or "week", on or "")


def _with_old(
    every: str | None, on: str | None, rule: str | None, old: str
) -> tuple[str | None, str | None, str | None]:
    """Fill in whichever of `every` and `on` was not given from the old rule, if that rule can be put into words."""
    said = recurrence.rule_text(old).removeprefix("every ").split(" on ")
    if rule or len(said) != 2:
        return every, on, rule
    return every or said[0], on or said[1], None


def _said(one: Series) -> str:
    until = f", until {one.until}" if one.until else ""
    return f"{recurrence.rule_text(one.rule)} at {one.at:%H:%M} in {one.zone}{until}"


def _next_said(session: Session, one: Series, now: datetime) -> str:
    rows = series.to_come(session, one, now)
    return next((f"{meetings.local_start(row):%a %Y-%m-%d %H:%M}" for row in rows if not row.cancelled_at), "none")


def _called(member: Member | None) -> str:
    return (member.name or f"member {member.id}") if member else ""


def _mark(row: Meeting) -> str:
    if row.cancelled_at is not None:
        return "cancelled"
    if row.series_day is None:
        return "extra"
    return f"moved, of {row.series_day}" if row.starts_at != row.planned_at else ""


def _done(done: series.Changed) -> str:
    words = {
        ChangeType.MOVED: "moved",
        ChangeType.CANCELLED: "cancelled",
        ChangeType.ON_AFTER_ALL: "on again",
        ChangeType.ELSEWHERE: "elsewhere",
    }
    parts = [f"{done.what[what]} {word}" for what, word in words.items() if done.what[what]]
    parts += [f"{done.added} new"] if done.added else []
    return f"Dates: {', '.join(parts)}." if parts else "No date is another."


def _told(group: Group, told: change_notices.NotificationResult, now: datetime) -> str:
    if not told.people:
        return " Nobody needed to be told."
    return f" {people(told.people)} told {quiet_hours.departure_text(group, MessageKind.MEETING_NEWS, told.expires_at, now)}."


COMMANDS = (series_,)
