"""Series: meetings that come again, added, changed and ended by admins after a look at whom it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange

from smsgate.core.errors import Invalid
from smsgate.groups import roles
from smsgate.meetings import change_notices, meetings, series
from smsgate.meetings.change_notices import ChangeType, NotificationResult
from smsgate.meetings.series import Changed, Shape
from smsgate.models import Group, Role, Series
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.confirm_change import Looked, Preview, preview, renew
from smsgate.web.console.fields import (
    Whole,
    at_most,
    day_of,
    is_a_day,
    is_a_time,
    offered,
    phones_show_it,
    tell_doubts,
    time_of,
)
from smsgate.web.console.meetings import recurrence_form
from smsgate.web.console.meetings.calendar import shown
from smsgate.web.console.meetings.recurrence_form import KEEP, Rhythm
from smsgate.web.console.pages import again, fingerprint, first_time, go, show, the_group
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response


class Round(Looked):
    """A series: its rhythm, its time, and what its dates have."""

    every = SelectField()
    days = SelectMultipleField()
    nth = SelectField()
    month_days = StringField()
    at = StringField(validators=[InputRequired(), is_a_time])
    first = StringField(validators=[is_a_day])
    until = StringField(validators=[is_a_day])
    place = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    topic = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    minutes = Whole(
        default=60,
        validators=[InputRequired(), NumberRange(change_notices.LENGTHS.start, change_notices.LENGTHS.stop - 1)],
    )

    def offer(self, rule: str = "") -> Round:
        """The choices; a rule that the form cannot say may be kept."""
        kept = [(KEEP, recurrence_form.said(rule))] if rule and recurrence_form.taken_apart(rule).every == KEEP else []
        self.every.choices = offered([*kept, *recurrence_form.every_choices()])
        self.days.choices, self.nth.choices = (
            offered(recurrence_form.day_choices()),
            offered(recurrence_form.nth_choices()),
        )
        return self

    def check(self) -> bool:
        """Whether it can be read; else the reasons stand beside the fields."""
        found = bool(self.validate_on_submit())
        months, days = "month" in (self.every.data or ""), (self.month_days.data or "").strip()
        if months and days and days != "last day" and not recurrence_form.MONTH_DAYS.fullmatch(days):
            self.month_days.errors = [_("Days of a month are written like 1, 15.")]
            return False
        if self.every.data != KEEP and not self.days.data and not (months and days):
            self.days.errors = [_("Say on which days.")]
            return False
        return found

    def shape(self, zone: str, rule: str = "") -> Shape:
        """What they want, once it was checked. Raises Invalid."""
        month_days = (self.month_days.data or "").strip()
        rhythm = Rhythm(self.every.data, self.days.data or [], self.nth.data, month_days)
        at = time_of(self.at.data)
        if at is None:
            raise Invalid("Say at what time.")
        return Shape(
            rule=rule if rhythm.every == KEEP else recurrence_form.put_together(rhythm),
            at=at, zone=zone, first=day_of(self.first.data), until=day_of(self.until.data),
            place=self.place.data, topic=self.topic.data, minutes=self.minutes.data or 60,
        )  # fmt: skip


def _filled(one: Series) -> Round:
    alike = {name: getattr(one, name) or "" for name in ("place", "topic", "minutes")}
    days = {"first": f"{one.first}", "until": f"{one.until or ''}"}
    data = {**vars(recurrence_form.taken_apart(one.rule)), **alike, **days, "at": f"{one.at:%H:%M}"}
    form = Round(formdata=None, data=data).offer(one.rule)
    form.seen.data = _stands(one)
    return form


def _stands(one: Series) -> str:
    return fingerprint(sorted(vars(series.shape_of(one)).items()), one.ended_at is None)


def add(routes: Blueprint, service: Service) -> None:
    """The pages of series."""

    @routes.get("/groups/<code>/series/new")
    def series_new(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
        return show("series_new", group=group, form=Round().offer())

    @routes.post("/groups/<code>/series/new")
    def series_add(code: str) -> Page:
        return _add(service, code)

    @routes.get("/groups/<code>/series/<int:number>")
    def series_one(code: str, number: int) -> Page:
        with service.database.reading() as session:
            return _shown(service, session, code, number)

    @routes.post("/groups/<code>/series/<int:number>")
    def series_change(code: str, number: int) -> Page:
        return _change(service, code, number)

    @routes.post("/groups/<code>/series/<int:number>/end")
    def series_end(code: str, number: int) -> Page:
        return _end(service, code, number)


def _the_series(session: Session, group: Group, number: int) -> Series:
    found = session.get(Series, number)
    if found is None or found.group_id != group.id or found.ended_at is not None:
        raise NotYours
    return found


def _shown(service: Service, session: Session, code: str, number: int, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    group = the_group(session, code, Role.ADMIN)
    one = _the_series(session, group, number)
    rows = series.to_come(session, one, service.now())
    values: dict[str, Any] = {
        "group": group,
        "one": one,
        "said": recurrence_form.said(one.rule),
        "dates": [shown(row) for row in rows if row.cancelled_at is None or row.planned_at is not None],
        "ending": Looked(formdata=None),
        **more,
    }
    values.setdefault("form", None)
    values["form"] = values["form"] or _filled(one)
    return show("series", status, **values)


def _add(service: Service, code: str) -> Page:
    form, now = Round().offer(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not form.check():
            return show("series_new", 422, group=group, form=form)
        try:
            with session.begin_nested():
                made = series.add_series(session, group, form.shape(group.zone), now)
        except Invalid:
            form.first.errors = [_never()]
            return show("series_new", 422, group=group, form=form)
        if not first_time(session, form, now):
            session.rollback()
            return again("meetings", code=code)
        roles.record_use(session, group.id, me().phone_id, f"series_added:{made.id}", now)
    tell_doubts(form.place.data, form.topic.data)
    return go("series_one", _("Its dates are there now. Reminders go out by themselves."), code=code, number=made.id)


def _never() -> str:
    return _("No meeting would come of this: look at the days, and at the first and the last day.")


def _change(service: Service, code: str, number: int) -> Page:
    now, dialled = service.now(), service.settings.service_code
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        one = _the_series(session, group, number)
        rule, zone, form = one.rule, one.zone, Round().offer(one.rule)
        if not form.check():
            return _shown(service, session, code, number, 422, form=form)

    def do(session: Session) -> Changed:
        one = _the_series(session, the_group(session, code, Role.ADMIN), number)
        return series.change_series(session, one, form.shape(zone, rule), now, dialled)

    if not form.was_looked_at():
        try:
            seen = preview(service, group, lambda s: _told(do(s)))
        except Invalid:
            form.first.errors = [_never()]
            return _page(service, code, number, 422, form=form)
        return _page(service, code, number, form=form, preview=seen)
    with service.database.transaction() as session:
        the_group(session, code, Role.ADMIN)
        if not first_time(session, form, now):
            return again("series_one", code=code, number=number)
        stands = _stands(session.get_one(Series, number, with_for_update=True))
        if form.seen.data and form.seen.data != stands:
            renew(form, stands)
            return _shown(service, session, code, number, 422, form=form, meanwhile=True)
        do(session)
        roles.record_use(session, group.id, me().phone_id, f"series_changed:{number}", now)
    tell_doubts(form.place.data, form.topic.data)
    return go("series_one", _("It is changed."), code=code, number=number)


def _page(service: Service, code: str, number: int, status: int = 200, **more: Preview | Looked) -> Page:
    with service.database.reading() as session:
        return _shown(service, session, code, number, status, **more)


def _told(done: Changed) -> tuple[NotificationResult, str]:
    """Whom it tells, and what becomes of dates."""
    moved, gone = done.what[ChangeType.MOVED], done.what[ChangeType.CANCELLED]
    back, elsewhere = done.what[ChangeType.ON_AFTER_ALL], done.what[ChangeType.ELSEWHERE]
    parts = [
        ngettext("{count} date moves", "{count} dates move", moved).format(count=moved) if moved else "",
        ngettext("{count} date is cancelled", "{count} dates are cancelled", gone).format(count=gone) if gone else "",
        ngettext("{count} date is on again", "{count} dates are on again", back).format(count=back) if back else "",
        ngettext("{count} date is elsewhere", "{count} dates are elsewhere", elsewhere).format(count=elsewhere)
        if elsewhere
        else "",
        ngettext("{count} date is new", "{count} dates are new", done.added).format(count=done.added)
        if done.added
        else "",
    ]
    return done.told, ", ".join(filter(None, parts))


def _end(service: Service, code: str, number: int) -> Page:
    form, now, dialled = Looked(), service.now(), service.settings.service_code
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        _the_series(session, group, number)

    def do(session: Session) -> Changed:
        one = _the_series(session, the_group(session, code, Role.ADMIN), number)
        return series.end_series(session, one, now, dialled)

    if not form.was_looked_at():
        return _page(service, code, number, ending=form, end_preview=preview(service, group, lambda s: _told(do(s))))
    with service.database.transaction() as session:
        the_group(session, code, Role.ADMIN)
        if not first_time(session, form, now):
            return again("meetings", code=code)
        do(session)
        roles.record_use(session, group.id, me().phone_id, f"series_ended:{number}", now)
    return go("meetings", _("The series has ended."), code=code)
