"""One meeting: planned, moved, changed or cancelled after a look at whom it tells; answers, and how many came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from smsgate.flows.leader.attendance import MOST_CAME
from smsgate.groups import roles
from smsgate.meetings import change_notices, meetings, rsvp, series
from smsgate.meetings.change_notices import NotificationResult
from smsgate.models import Group, Meeting, Series
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.confirm_change import Looked, preview, renew
from smsgate.web.console.fields import (
    Whole,
    at_most,
    is_a_day,
    is_a_time,
    offered,
    phones_show_it,
    tell_doubts,
    to_come,
)
from smsgate.web.console.meetings import recurrence_form
from smsgate.web.console.meetings.calendar import answers, shown
from smsgate.web.console.pages import (
    Form,
    again,
    fingerprint,
    first_time,
    go,
    show,
    the_group,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from datetime import datetime

    from smsgate.service import Service

Page = tuple[str, int] | Response


class When(Looked):
    """A day and a time, where, what about, how long."""

    day = StringField(validators=[InputRequired(), is_a_day])
    at = StringField(validators=[InputRequired(), is_a_time])
    place = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    topic = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    minutes = Whole(validators=[Optional(), NumberRange(change_notices.LENGTHS.start, change_notices.LENGTHS.stop - 1)])


class New(When):
    """A new date: single, or one more of a series."""

    series = SelectField(default="", validate_choice=False)  # not asked where there is none

    def offer(self, found: list[Series]) -> New:
        """The series that there are."""
        own = [(str(one.id), recurrence_form.said(one.rule)) for one in found]
        self.series.choices = offered([("", _("A meeting of its own")), *own])
        return self


class Came(Form):
    """How many."""

    came = Whole(validators=[InputRequired(), NumberRange(0, MOST_CAME)])


def add(routes: Blueprint, service: Service) -> None:
    """The page of a meeting, and what is done there."""

    @routes.get("/groups/<code>/meetings/new")
    def meeting_new(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            form = New(data={"minutes": 60}).offer(series.series_of(session, group))
        return show("meeting_new", group=group, form=form)

    @routes.post("/groups/<code>/meetings/new")
    def meeting_plan(code: str) -> Page:
        return _plan(service, code)

    @routes.get("/groups/<code>/meetings/<int:number>")
    def meeting(code: str, number: int) -> Page:
        with service.database.reading() as session:
            return _shown(service, session, code, number)

    @routes.post("/groups/<code>/meetings/<int:number>")
    def meeting_change(code: str, number: int) -> Page:
        return _change(service, code, number)

    @routes.post("/groups/<code>/meetings/<int:number>/cancel")
    def meeting_cancel(code: str, number: int) -> Page:
        return _cancel(service, code, number)

    @routes.post("/groups/<code>/meetings/<int:number>/came")
    def meeting_came(code: str, number: int) -> Page:
        return _came(service, code, number)


def _the_meeting(session: Session, group: Group, number: int) -> Meeting:
    found = session.get(Meeting, number)
    if found is None or found.group_id != group.id:
        raise NotYours
    return found


def _filled(one: Meeting) -> When:
    local = meetings.local_start(one)
    data = {"day": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}", "minutes": one.minutes}
    form = When(formdata=None, data={**data, "place": one.place or "", "topic": one.topic or ""})
    form.seen.data = _stands(one)
    return form


def _stands(one: Meeting) -> str:
    return fingerprint(one.starts_at.timestamp(), one.place, one.topic, one.minutes, one.cancelled_at is None)


def _shown(service: Service, session: Session, code: str, number: int, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    """The page; `more` has the form that was typed into, or what a change would tell."""
    now, group = service.now(), the_group(session, code)
    one = _the_meeting(session, group, number)
    to_count = one.cancelled_at is None and now - rsvp.COUNTED_WITHIN < one.starts_at <= now
    values: dict[str, Any] = {
        "group": group,
        "one": shown(one),
        "minutes": one.minutes,
        "answers": answers(session, one),
        "names": rsvp.attendee_names(session, one) if group.id in me().roles else [],
        "ahead": one.cancelled_at is None and one.starts_at > now,
        "came": Came(formdata=None, data={"came": one.attended}) if to_count else None,
        "attended": one.attended,
        "number": number,
        "cancelling": Looked(formdata=None),
        **more,
    }
    values.setdefault("form", When(formdata=None) if not values["ahead"] else None)
    values["form"] = values["form"] or _filled(one)
    return show("meeting", status, **values)


def _plan(service: Service, code: str) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        group = the_group(session, code)
        found = series.series_of(session, group)
        form = New().offer(found)
        local = to_come(group, form.day, form.at, now) if form.validate_on_submit() else None
        if local is None:
            return show("meeting_new", 422, group=group, form=form)
        if not first_time(session, form, now):
            return again("meetings", code=code)
        made = _made(session, group, form, found, local, now)
        roles.record_use(session, group.id, me().phone_id, f"meeting_planned:{made.id}", now)
    tell_doubts(form.place.data, form.topic.data)
    return go("meeting", _("It is planned. Reminders go out by themselves."), code=code, number=made.id)


def _made(session: Session, group: Group, form: New, found: list[Series], local: datetime, now: datetime) -> Meeting:
    of = next((one for one in found if str(one.id) == form.series.data), None)
    if of is not None:
        made = series.add_extra_date(session, of, local, now)
    else:
        made = meetings.plan(session, group, local, None, now)
    made.place = meetings.checked_words("place", form.place.data) or made.place
    made.topic = meetings.checked_words("topic", form.topic.data) or made.topic
    made.minutes = form.minutes.data or made.minutes
    return made


def _change(service: Service, code: str, number: int) -> Page:
    form, now, dialled = When(), service.now(), service.settings.service_code
    with service.database.reading() as session:
        group = the_group(session, code)
        one = _the_meeting(session, group, number)
        if one.cancelled_at is not None or one.starts_at <= now:
            return go("meeting", _("It is cancelled, or has begun."), "wait", code=code, number=number)
        local = meetings.local_start(one).replace(tzinfo=None)
        valid = form.validate_on_submit()
        same = valid and (form.day.data, (form.at.data or "")[:5]) == (f"{local:%Y-%m-%d}", f"{local:%H:%M}")
        wanted = local if same else to_come(group, form.day, form.at, now) if valid else None
        if wanted is None:
            return _shown(service, session, code, number, 422, form=form)

    def do(session: Session) -> NotificationResult:
        one = _the_meeting(session, the_group(session, code), number)
        words = (form.place.data or "", form.topic.data or "")
        return change_notices.update_meeting(
            session, one, now, dialled, local=wanted, place=words[0], topic=words[1], minutes=form.minutes.data or None
        )

    if not form.was_looked_at():
        return _looked(service, code, number, form=form, preview=preview(service, group, lambda s: (do(s), "")))
    with service.database.transaction() as session:
        the_group(session, code)
        if not first_time(session, form, now):
            return again("meeting", code=code, number=number)
        stands = _stands(session.get_one(Meeting, number, with_for_update=True))
        if form.seen.data and form.seen.data != stands:
            renew(form, stands)
            return _shown(service, session, code, number, 422, form=form, meanwhile=True)
        do(session)
        roles.record_use(session, group.id, me().phone_id, f"meeting_changed:{number}", now)
    tell_doubts(form.place.data, form.topic.data)
    return go("meeting", _("It is changed."), code=code, number=number)


def _looked(service: Service, code: str, number: int, **more: Any) -> Page:  # noqa: ANN401
    with service.database.reading() as session:
        return _shown(service, session, code, number, **more)


def _cancel(service: Service, code: str, number: int) -> Page:
    form, now, dialled = Looked(), service.now(), service.settings.service_code
    with service.database.reading() as session:
        group = the_group(session, code)
        one = _the_meeting(session, group, number)
        if one.cancelled_at is not None or one.starts_at <= now:
            return go("meeting", _("It is cancelled, or has begun."), "wait", code=code, number=number)
        ends = one.starts_at

    def do(session: Session) -> NotificationResult:
        found = _the_meeting(session, the_group(session, code), number)
        return NotificationResult(meetings.cancel(session, found, now, dialled), ends)

    if not form.was_looked_at():
        seen = preview(service, group, lambda s: (do(s), ""))
        return _looked(service, code, number, cancelling=form, cancel_preview=seen)
    with service.database.transaction() as session:
        the_group(session, code)
        if not first_time(session, form, now):
            return again("meeting", code=code, number=number)
        do(session)
        roles.record_use(session, group.id, me().phone_id, f"meeting_cancelled:{number}", now)
    return go("meeting", _("It is cancelled."), code=code, number=number)


def _came(service: Service, code: str, number: int) -> Page:
    form, now = Came(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code)
        _the_meeting(session, group, number)
        if not form.validate_on_submit():
            return _shown(service, session, code, number, 422, came=form)
        if not first_time(session, form, now):
            return again("meeting", code=code, number=number)
        if not rsvp.record_attendance(session, group.id, number, form.came.data or 0, now):
            return go(
                "meeting", _("Only a meeting of the last three days can be counted."), "wait", code=code, number=number
            )
        roles.record_use(session, group.id, me().phone_id, f"counted:{number}", now)
    return go("meeting", _("Thank you. Kept."), code=code, number=number)
