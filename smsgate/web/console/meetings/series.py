"""Series of meetings, for admins: adding them, and changing or ending them after a preview of who is told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash
from sqlalchemy.orm import Session
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import NumberRange

from smsgate.core.errors import Invalid
from smsgate.core.i18n import say_when
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.meetings import change_notices, meetings, series
from smsgate.meetings.news import ChangeType
from smsgate.meetings.series import SeriesChange, SeriesSettings
from smsgate.models import Group, Role, Series
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, find_in_group
from smsgate.web.console.confirm_change import Change, ConfirmForm, Effect, Preview, confirm_change
from smsgate.web.console.fields import (
    WholeNumberField,
    at_most,
    choices,
    is_a_day,
    is_a_time,
    parse_day,
    parse_time,
    phones_show_it,
    required,
    warn_about_wording,
)
from smsgate.web.console.meetings import recurrence_form
from smsgate.web.console.meetings.calendar import meeting_row, said_doubled
from smsgate.web.console.meetings.recurrence_form import KEEP, Rhythm
from smsgate.web.console.pages import Page, accept_once, already_done, fingerprint, redirect_to, render_page, the_group
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from smsgate.service import Service

DATES_SHOWN = 8
LENGTHS = NumberRange(change_notices.LENGTHS.start, change_notices.LENGTHS.stop - 1)  # minutes


class SeriesForm(ConfirmForm):
    """A series: its recurrence and time, and what its dates have in common."""

    every = SelectField()
    days = SelectMultipleField()
    nth = SelectField()
    month_days = StringField()
    at = StringField(validators=[required(lambda: _("Enter the time.")), is_a_time])
    first = StringField(validators=[is_a_day])
    until = StringField(validators=[is_a_day])
    place = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    topic = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    minutes = WholeNumberField(default=60, validators=[required(lambda: _("Enter the length in minutes.")), LENGTHS])

    def offer(self, rule: str = "") -> SeriesForm:
        """Fill in the choices; a rule that the form cannot express becomes one of them."""
        kept = (
            [(KEEP, recurrence_form.describe_rule(rule))]
            if rule and recurrence_form.split_rule(rule).every == KEEP
            else []
        )
        self.every.choices = choices([*kept, *recurrence_form.every_choices()])
        self.days.choices, self.nth.choices = (
            choices(recurrence_form.short_day_choices()),
            choices(recurrence_form.nth_choices()),
        )
        return self

    def check(self) -> bool:
        """Return whether the form is valid; if not, the errors are shown beside the fields."""
        found = bool(self.validate_on_submit())
        months, days = "month" in (self.every.data or ""), (self.month_days.data or "").strip()
        if months and days and days != "last day" and not recurrence_form.MONTH_DAYS.fullmatch(days):
            self.month_days.errors = [_("Write days of the month like 1, 15.")]
            return False
        if self.every.data != KEEP and not self.days.data and not (months and days):
            self.days.errors = [_("Choose the days.")]
            return False
        return found

    def shape(self, zone: str, rule: str = "") -> SeriesSettings:
        """Return the validated form as the domain's settings. Raise Invalid if it gives no time or no day."""
        month_days = (self.month_days.data or "").strip()
        rhythm = Rhythm(self.every.data, self.days.data or [], self.nth.data, month_days)
        at = parse_time(self.at.data)
        if at is None:
            raise Invalid("Say at what time.")
        return SeriesSettings(
            rule=rule if rhythm.every == KEEP else recurrence_form.build_rule(rhythm),
            at=at, zone=zone, first=parse_day(self.first.data), until=parse_day(self.until.data),
            place=self.place.data, topic=self.topic.data, minutes=self.minutes.data or 60,
        )  # fmt: skip


def _filled(one: Series) -> SeriesForm:
    alike = {name: getattr(one, name) or "" for name in ("place", "topic", "minutes")}
    days = {"first": f"{one.first}", "until": f"{one.until or ''}"}
    data = {**vars(recurrence_form.split_rule(one.rule)), **alike, **days, "at": f"{one.at:%H:%M}"}
    form = SeriesForm(formdata=None, data=data).offer(one.rule)
    form.seen.data = _state(one)
    return form


def _state(one: Series) -> str:
    return fingerprint(sorted(vars(series.settings_of(one)).items()), one.ended_at is None)


def _locked_state(session: Session, number: int) -> str:
    """Lock the series and return its fingerprint; "" if it doesn't exist, which `make` reports."""
    one = session.get(Series, number, with_for_update=True)
    return _state(one) if one else ""


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for adding, changing and ending a series."""

    @routes.get("/groups/<code>/series/new")
    def series_new(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
        return render_page("series_new", group=group, form=SeriesForm().offer())

    @routes.post("/groups/<code>/series/new")
    def series_add(code: str) -> Page:
        return _create(service, code)

    @routes.post("/groups/<code>/series/new/dates")
    def series_dates(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
        return render_page("series_dates", dates=_first_dates(SeriesForm().offer(), group, service.now()))

    @routes.get("/groups/<code>/series/<int:number>")
    def series_one(code: str, number: int) -> Page:
        return _page(service, code, number, service.now())

    @routes.post("/groups/<code>/series/<int:number>")
    def series_change(code: str, number: int) -> Page:
        return _change(service, code, number)

    @routes.post("/groups/<code>/series/<int:number>/end")
    def series_end(code: str, number: int) -> Page:
        return _end(service, code, number)


def _the_series(session: Session, group: Group, number: int) -> Series:
    one = find_in_group(session, Series, number, group)
    if one.ended_at is not None:
        raise NotFound
    return one


def _page(service: Service, code: str, number: int, now: datetime, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    with service.database.reading() as session:
        return _render(session, code, number, now, status, **more)


def _render(session: Session, code: str, number: int, now: datetime, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    group = the_group(session, code, Role.ADMIN)
    one = _the_series(session, group, number)
    rows = series.dates_to_come(session, one, now)
    values: dict[str, Any] = {
        "group": group,
        "one": one,
        "said": recurrence_form.describe_rule(one.rule),
        "dates": [meeting_row(row) for row in rows if row.cancelled_at is None or row.planned_at is not None],
        "ending": ConfirmForm(formdata=None),
        **more,
    }
    values.setdefault("form", None)
    values["form"] = values["form"] or _filled(one)
    return render_page("series", status, **values)


def _create(service: Service, code: str) -> Page:
    form, now = SeriesForm().offer(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not form.check():
            return render_page("series_new", 422, group=group, form=form)
        if form.do.data == "look":
            return render_page("series_new", group=group, form=form, dates=_first_dates(form, group, now))
        try:
            with session.begin_nested():
                made = series.add_series(session, group, form.shape(group.zone), now)
        except Invalid as error:
            form.first.errors = [_("That is in the past.") if "past" in str(error) else _never_meets()]
            return render_page("series_new", 422, group=group, form=form)
        if not accept_once(session, form, now):
            session.rollback()
            return already_done("meetings", code=code)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.SERIES_ADDED, now, made.id)
        doubled = said_doubled(session, group, now)
    warn_about_wording(form.place.data, form.topic.data)
    if doubled:
        flash(doubled, "wait")
    return redirect_to(
        "series_one", _("Meetings planned. Reminders are sent automatically."), code=code, number=made.id
    )


def _first_dates(form: SeriesForm, group: Group, now: datetime) -> list[str]:
    """Return the first dates that the form would give, in the group's time zone; none while it is incomplete."""
    try:
        starts = series.first_dates(form.shape(group.zone), now, DATES_SHOWN) if form.check() else []
    except Invalid:
        return []
    return [say_when(start.astimezone(ZoneInfo(group.zone))) for start in starts]


def _never_meets() -> str:
    return _("This gives no meeting at all. Check the days, and the first and last day.")


def _change(service: Service, code: str, number: int) -> Page:
    now = service.now()
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        one = _the_series(session, group, number)
        rule, zone, form = one.rule, one.zone, SeriesForm().offer(one.rule)
        if not form.check():
            return _render(session, code, number, now, 422, form=form)

    def make(session: Session, group: Group) -> Effect:
        one, shape = _the_series(session, group, number), form.shape(zone, rule)
        done = series.change_series(session, one, shape, now, service.settings.service_code)
        return Effect(done.told.expires_at, ". ".join(filter(None, (_dates(done), said_doubled(session, group, now)))))

    def show_form(preview: Preview | None) -> Page:
        status, shown = 200 if preview else 422, {"form": form, "preview": preview, "meanwhile": preview is None}
        return _page(service, code, number, now, status, **shown)

    change = Change(
        now=now, find_group=partial(the_group, code=code, need=Role.ADMIN), make=make, show_form=show_form,
        state=lambda session: _locked_state(session, number),
        audit=(AuditEvent.SERIES_CHANGED, number), wording=(form.place.data, form.topic.data),
        done=_("Changes saved."), next_page=("series_one", {"code": code, "number": number}),
    )  # fmt: skip
    try:
        return confirm_change(service, form, change)
    except Invalid:
        form.first.errors = [_never_meets()]
        return _page(service, code, number, now, 422, form=form)


def _end(service: Service, code: str, number: int) -> Page:
    form, now = ConfirmForm(), service.now()

    def make(session: Session, group: Group) -> Effect:
        done = series.end_series(session, _the_series(session, group, number), now, service.settings.service_code)
        return Effect(done.told.expires_at, _dates(done))

    def show_form(preview: Preview | None) -> Page:
        if preview is None:
            flash(_("Someone else changed this in the meantime. Your change wasn't saved."), "wait")
        return _page(service, code, number, now, 200 if preview else 409, ending=form, end_preview=preview)

    change = Change(
        now=now, find_group=partial(the_group, code=code, need=Role.ADMIN), make=make, show_form=show_form,
        state=lambda session: _locked_state(session, number),
        audit=(AuditEvent.SERIES_ENDED, number),
        done=_("Repeating meeting ended."), next_page=("meetings", {"code": code}),
    )  # fmt: skip
    return confirm_change(service, form, change)


def _dates(done: SeriesChange) -> str:
    """Say in one sentence what happens to the dates."""
    moved, gone = done.what[ChangeType.MOVED], done.what[ChangeType.CANCELLED]
    back, elsewhere = done.what[ChangeType.ON_AFTER_ALL], done.what[ChangeType.ELSEWHERE]
    parts = [
        ngettext("{count} date has a new time", "{count} dates have a new time", moved).format(count=moved)
        if moved
        else "",
        ngettext("{count} date is cancelled", "{count} dates are cancelled", gone).format(count=gone) if gone else "",
        ngettext("{count} date is back on", "{count} dates are back on", back).format(count=back) if back else "",
        ngettext("{count} date has a new place", "{count} dates have a new place", elsewhere).format(count=elsewhere)
        if elsewhere
        else "",
        ngettext("{count} date is new", "{count} dates are new", done.added).format(count=done.added)
        if done.added
        else "",
    ]
    return ", ".join(filter(None, parts))
