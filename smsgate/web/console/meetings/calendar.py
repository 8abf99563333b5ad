"""A group's calendar: a month of meetings, and the calendar's public addresses."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from flask import Blueprint, request
from sqlalchemy.orm import Session
from wtforms import BooleanField

from smsgate.core.i18n import language_now, say_when
from smsgate.core.privacy import is_few
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, join_requests
from smsgate.meetings import calendar_feed, rsvp, series
from smsgate.meetings import meetings as dates
from smsgate.models import Group, Meeting, Role, RsvpStatus
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import is_appointed
from smsgate.web.console.meetings import recurrence_form
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    fingerprint,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class CalendarForm(Form):
    """The setting of the public calendar: whether it shows the group's name and topics."""

    named = BooleanField()


class MeetingRow(NamedTuple):
    """A meeting as pages show it, in the group's time zone."""

    id: int
    time: str
    when: str
    place: str
    topic: str
    mark: str  # cancelled, moved, extra or ""
    series_id: int | None


class CalendarDay(NamedTuple):
    """A day in the month's grid."""

    date: date
    said: str
    inside: bool
    today: bool
    ahead: bool  # a meeting can be planned on it
    meetings: list[MeetingRow]


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for the month and for the calendar's addresses."""

    @routes.get("/groups/<code>/meetings")
    def meetings(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            return _month(service, session, group)

    @routes.get("/groups/<code>/calendar")
    def calendar_address(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
        page = f"{service.settings.pages}/calendar/{group.calendar_token}"
        month = service.now().astimezone(ZoneInfo(group.zone)).strftime("%Y-%m")
        form = CalendarForm(data={"named": group.calendar_named}, seen=_address(group))
        return render_page("calendar", group=group, page=page, month=month, form=form)

    @routes.post("/groups/<code>/calendar")
    def calendar_change(code: str) -> Page:
        form, now = CalendarForm(), service.now()
        with service.database.transaction() as session:
            group = the_group(session, code, Role.ADMIN)
            if not accept_once(session, form, now):
                return already_done("calendar_address", code=code)
            session.refresh(group, with_for_update=True)
            if form.seen.data not in (None, "", _address(group)):
                said = _("Someone else changed this in the meantime. Your change wasn't saved.")
                return redirect_to("calendar_address", said, "wait", code=code)
            anew = request.form.get("anew") == "y"
            calendar_feed.open_for(group, named=None if anew else form.named.data, anew=anew)
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.CALENDAR, now)
        said = _("The old addresses no longer work.") if anew else _("Saved.")
        return redirect_to("calendar_address", said, code=code)


def _address(group: Group) -> str:
    return fingerprint(group.calendar_token, group.calendar_named)


def _month(service: Service, session: Session, group: Group) -> Page:
    now = service.now()
    today = now.astimezone(ZoneInfo(group.zone)).date()
    first = _first_of_month(request.args.get("month", ""), today)
    found = calendar_feed.of_month(session, group, first)
    after = (first + timedelta(days=31)).replace(day=1)
    ahead = [(meeting_row(one), _rsvp_summary(session, one)) for one in dates.upcoming(session, [group.id], now)]
    return render_page(
        "meetings",
        group=group,
        title=format_date(first, "LLLL y", locale=language_now()),
        month=f"{first:%Y-%m}",
        weeks=_weeks(first, today, found),
        weekdays=[get_day_names("abbreviated", locale=language_now())[day] for day in range(7)],
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{after:%Y-%m}",
        later=calendar_feed.goes_on(first, now),
        ahead=ahead,
        series=[(one, recurrence_form.describe_rule(one.rule)) for one in series.series_of(session, group)],
        asking=join_requests.count_open_requests(session, group.id, now) if is_appointed(current_staff(), group) else 0,
        paper=f"{service.settings.pages}/calendar/{group.calendar_token}" if group.calendar_token else "",
    )


def _first_of_month(asked: str, today: date) -> date:
    """Return the first day of a month like `2026-12`; of this month if it is invalid or over three years away."""
    try:
        first = datetime.strptime(asked, "%Y-%m").date()
    except ValueError:
        return today.replace(day=1)
    return first if abs(first.year - today.year) <= 3 else today.replace(day=1)


def _weeks(first: date, today: date, found: list[Meeting]) -> list[list[CalendarDay]]:
    by_day: dict[date, list[MeetingRow]] = {}
    for one in found:
        by_day.setdefault(dates.local_start(one).date(), []).append(meeting_row(one))

    def day(each: date) -> CalendarDay:
        said = format_date(each, "EEEE d MMMM", locale=language_now())
        inside = each.month == first.month
        there = by_day.get(each, []) if inside else []
        return CalendarDay(each, said, inside, each == today, inside and each >= today, there)

    return [[day(each) for each in week] for week in Calendar().monthdatescalendar(first.year, first.month)]


def meeting_row(one: Meeting) -> MeetingRow:
    """Return a meeting as pages show it."""
    local = dates.local_start(one)
    when = format_date(local, "EEEE d MMMM y", locale=language_now())
    return MeetingRow(
        one.id, f"{local:%H:%M}", f"{when}, {local:%H:%M}", one.place or "", one.topic or "", _mark(one), one.series_id
    )


def _mark(one: Meeting) -> str:
    if one.cancelled_at is not None:
        return "cancelled"
    if one.series_id is not None and one.series_day is None:
        return "extra"
    moved = one.moves if one.series_id is None else one.starts_at != one.planned_at
    return "moved" if moved else ""


def rsvp_counts(session: Session, one: Meeting) -> list[tuple[str, str]]:
    """Return the answers as (label, count) pairs; counts under five are hidden, zero included."""
    counts = rsvp.rsvp_counts(session, one)
    said = {RsvpStatus.YES: _("Coming"), RsvpStatus.MAYBE: _("Maybe"), RsvpStatus.NO: _("Not coming")}
    return [(word, _("fewer than 5") if is_few(counts[key]) else str(counts[key])) for key, word in said.items()]


def _rsvp_summary(session: Session, one: Meeting) -> str:
    """Return the counts that may be shown, in one line."""
    told = [f"{word}: {count}" for word, count in rsvp_counts(session, one) if count.isdecimal()]
    return " · ".join(told) or _("Fewer than 5 answers")


def said_doubled(session: Session, group: Group, now: datetime) -> str:
    """Return a warning about upcoming times with two meetings of the group; "" if there are none."""
    times = ", ".join(say_when(start) for start in dates.doubled_times(session, group, now))
    said = _("Two meetings at the same time: {times}. Cancel one if that's a mistake.")
    return said.format(times=times) if times else ""
