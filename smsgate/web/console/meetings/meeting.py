"""A single meeting: planning it, changing or cancelling it after a preview of who is told, answers and attendance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, request
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.validators import NumberRange, Optional

from smsgate.flows.leader.attendance import MOST_CAME
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.meetings import change_notices, meetings, rsvp, series
from smsgate.models import Group, Meeting, Series
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import find_in_group, is_appointed
from smsgate.web.console.confirm_change import Change, ConfirmForm, Effect, Preview, confirm_change
from smsgate.web.console.fields import (
    WholeNumberField,
    at_most,
    choices,
    future_local_time,
    is_a_day,
    is_a_time,
    parse_day,
    phones_show_it,
    required,
    warn_about_wording,
)
from smsgate.web.console.meetings import recurrence_form
from smsgate.web.console.meetings.calendar import meeting_row, rsvp_counts, said_doubled
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    changed_meanwhile,
    few,
    fingerprint,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from datetime import datetime

    from smsgate.service import Service


class MeetingForm(ConfirmForm):
    """A meeting's time, place, topic and length."""

    day = StringField(validators=[required(lambda: _("Enter the day.")), is_a_day])
    at = StringField(validators=[required(lambda: _("Enter the time.")), is_a_time])
    place = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    topic = StringField(validators=[at_most(meetings.LONGEST_PLACE), phones_show_it])
    minutes = WholeNumberField(
        validators=[Optional(), NumberRange(change_notices.LENGTHS.start, change_notices.LENGTHS.stop - 1)]
    )


class NewMeetingForm(MeetingForm):
    """A new meeting: on its own, or an extra date of a series."""

    series = SelectField(default="", validate_choice=False)  # not shown if the group has no series

    def offer(self, found: list[Series]) -> NewMeetingForm:
        """Fill in the series to choose from."""
        own = [(str(one.id), recurrence_form.describe_rule(one.rule)) for one in found]
        self.series.choices = choices([("", _("No, a single meeting")), *own])
        return self


class AttendanceForm(Form):
    """How many people came."""

    came = WholeNumberField(validators=[required(lambda: _("Enter how many people came.")), NumberRange(0, MOST_CAME)])


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for planning, changing and cancelling a meeting, and for recording attendance."""

    @routes.get("/groups/<code>/meetings/new")
    def meeting_new(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            day = parse_day(request.args.get("day"))
            form = NewMeetingForm(data={"minutes": 60, "day": str(day or "")}).offer(series.series_of(session, group))
        return render_page("meeting_new", group=group, form=form)

    @routes.post("/groups/<code>/meetings/new")
    def meeting_plan(code: str) -> Page:
        return _plan(service, code)

    @routes.get("/groups/<code>/meetings/<int:number>")
    def meeting(code: str, number: int) -> Page:
        return _page(service, code, number, service.now())

    @routes.post("/groups/<code>/meetings/<int:number>")
    def meeting_change(code: str, number: int) -> Page:
        return _change(service, code, number)

    @routes.post("/groups/<code>/meetings/<int:number>/cancel")
    def meeting_cancel(code: str, number: int) -> Page:
        return _cancel(service, code, number)

    @routes.post("/groups/<code>/meetings/<int:number>/came")
    def meeting_came(code: str, number: int) -> Page:
        return _record_attendance(service, code, number)


def _filled(one: Meeting) -> MeetingForm:
    local = meetings.local_start(one)
    data = {"day": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}", "minutes": one.minutes}
    form = MeetingForm(formdata=None, data={**data, "place": one.place or "", "topic": one.topic or ""})
    form.seen.data = _state(one)
    return form


def _attendance_form(one: Meeting) -> AttendanceForm:
    form = AttendanceForm(formdata=None, data={"came": one.attended})
    form.seen.data = fingerprint(one.attended)
    return form


def _state(one: Meeting) -> str:
    return fingerprint(one.starts_at.timestamp(), one.place, one.topic, one.minutes, one.cancelled_at is None)


def _locked_state(session: Session, number: int) -> str:
    """Lock the meeting and return its fingerprint; "" if it doesn't exist, which `make` reports."""
    one = session.get(Meeting, number, with_for_update=True)
    return _state(one) if one else ""


def _page(service: Service, code: str, number: int, now: datetime, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    with service.database.reading() as session:
        return _render(session, code, number, now, status, **more)


def _render(session: Session, code: str, number: int, now: datetime, status: int = 200, **more: Any) -> Page:  # noqa: ANN401
    """Render the page; `more` holds a form that was submitted, or the preview of a change."""
    group = the_group(session, code)
    one = find_in_group(session, Meeting, number, group)
    to_count = one.cancelled_at is None and now - rsvp.COUNTED_WITHIN < one.starts_at <= now
    values: dict[str, Any] = {
        "group": group,
        "one": meeting_row(one),
        "minutes": one.minutes,
        "answers": rsvp_counts(session, one),
        "names": rsvp.attendee_names(session, one) if is_appointed(current_staff(), group) else [],
        "ahead": one.cancelled_at is None and one.starts_at > now,
        "came": _attendance_form(one) if to_count else None,
        "attended": one.attended,
        "number": number,
        "cancelling": ConfirmForm(formdata=None),
        **more,
    }
    values.setdefault("form", MeetingForm(formdata=None) if not values["ahead"] else None)
    values["form"] = values["form"] or _filled(one)
    return render_page("meeting", status, **values)


def _plan(service: Service, code: str) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        group = the_group(session, code)
        found = series.series_of(session, group)
        form = NewMeetingForm().offer(found)
        local = future_local_time(group, form.day, form.at, now) if form.validate_on_submit() else None
        if local is None:
            return render_page("meeting_new", 422, group=group, form=form)
        if not accept_once(session, form, now):
            return already_done("meetings", code=code)
        made = _create(session, group, form, found, local, now)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.MEETING_PLANNED, now, made.id)
        doubled = said_doubled(session, group, now)
    warn_about_wording(form.place.data, form.topic.data)
    if doubled:
        flash(doubled, "wait")
    return redirect_to("meeting", _("Meeting planned. Reminders are sent automatically."), code=code, number=made.id)


def _create(
    session: Session, group: Group, form: NewMeetingForm, found: list[Series], local: datetime, now: datetime
) -> Meeting:
    of = next((one for one in found if str(one.id) == form.series.data), None)
    if of is not None:
        made = series.add_extra_date(session, of, local, now)
    else:
        made = meetings.plan(session, group, local, None, now)
    made.place = meetings.checked_words(form.place.data) or made.place
    made.topic = meetings.checked_words(form.topic.data) or made.topic
    made.minutes = form.minutes.data or made.minutes
    return made


def _change(service: Service, code: str, number: int) -> Page:
    form, now = MeetingForm(), service.now()
    with service.database.reading() as session:
        group = the_group(session, code)
        one = find_in_group(session, Meeting, number, group)
        if _is_settled(one, now):
            return _refuse_settled(code, number)
        start = _new_start(form, one, now)
        if start is None:
            return _render(session, code, number, now, 422, form=form)

    def make(session: Session, group: Group) -> Effect:
        one, words = find_in_group(session, Meeting, number, group), (form.place.data or "", form.topic.data or "")
        told = change_notices.update_meeting(
            session, one, now, service.settings.service_code, local=start, place=words[0], topic=words[1],
            minutes=form.minutes.data or None,
        )  # fmt: skip
        return Effect(told.expires_at, said_doubled(session, group, now))

    def show_form(preview: Preview | None) -> Page:
        status, shown = 200 if preview else 422, {"form": form, "preview": preview, "meanwhile": preview is None}
        return _page(service, code, number, now, status, **shown)

    change = Change(
        now=now, find_group=partial(the_group, code=code), make=make, show_form=show_form,
        state=lambda session: _locked_state(session, number),
        audit=(AuditEvent.MEETING_CHANGED, number), wording=(form.place.data, form.topic.data),
        done=_("Changes saved."), next_page=("meeting", {"code": code, "number": number}),
    )  # fmt: skip
    return confirm_change(service, form, change)


def _is_settled(one: Meeting, now: datetime) -> bool:
    """Return whether the meeting can no longer be changed, because it is cancelled or has begun."""
    return one.cancelled_at is not None or one.starts_at <= now


def _refuse_settled(code: str, number: int) -> Page:
    return redirect_to("meeting", _("It was cancelled or has started."), "wait", code=code, number=number)


def _new_start(form: MeetingForm, one: Meeting, now: datetime) -> datetime | None:
    """Return the local start in the form; if it is invalid, set the field's error and return None."""
    if not form.validate_on_submit():
        return None
    local = meetings.local_start(one).replace(tzinfo=None)
    same = (form.day.data, (form.at.data or "")[:5]) == (f"{local:%Y-%m-%d}", f"{local:%H:%M}")
    return local if same else future_local_time(one.group, form.day, form.at, now)


def _cancel(service: Service, code: str, number: int) -> Page:
    form, now = ConfirmForm(), service.now()
    with service.database.reading() as session:
        one = find_in_group(session, Meeting, number, the_group(session, code))
        if _is_settled(one, now):
            return _refuse_settled(code, number)

    def make(session: Session, group: Group) -> Effect:
        one = find_in_group(session, Meeting, number, group)
        meetings.cancel(session, one, now, service.settings.service_code)
        return Effect(one.starts_at)

    def show_form(preview: Preview | None) -> Page:
        if preview is None:
            flash(_("Someone else changed this in the meantime. Your change wasn't saved."), "wait")
        return _page(service, code, number, now, 200 if preview else 409, cancelling=form, cancel_preview=preview)

    change = Change(
        now=now, find_group=partial(the_group, code=code), make=make, show_form=show_form,
        state=lambda session: _locked_state(session, number),
        audit=(AuditEvent.MEETING_CANCELLED, number),
        done=_("Meeting cancelled."), next_page=("meeting", {"code": code, "number": number}),
    )  # fmt: skip
    return confirm_change(service, form, change)


def _record_attendance(service: Service, code: str, number: int) -> Page:
    form, now = AttendanceForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code)
        one = find_in_group(session, Meeting, number, group)
        if not form.validate_on_submit():
            return _render(session, code, number, now, 422, came=form)
        session.refresh(one, with_for_update=True)
        if one.attended != form.came.data and changed_meanwhile(form, one.attended):
            said = _("Someone else changed this in the meantime. Save again to keep what you typed.")
            counted = [] if one.attended is None else [_("Came: {count}").format(count=few(one.attended))]
            form.came.errors = [said, *counted]
            form.renew(fingerprint(one.attended))
            return _render(session, code, number, now, 422, came=form)
        if not accept_once(session, form, now):
            return already_done("meeting", code=code, number=number)
        if not rsvp.record_attendance(session, group.id, number, form.came.data or 0, now):
            said = _("You can enter the number for three days after a meeting.")
            return redirect_to("meeting", said, "wait", code=code, number=number)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.COUNTED, now, number)
    return redirect_to("meeting", _("Saved. Thank you."), code=code, number=number)
