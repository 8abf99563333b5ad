"""Crisis lines, managed by network admins: for each number, someone calls it and confirms here that it works."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import phonenumbers
from flask import Blueprint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from wtforms import Field, RadioField, StringField, ValidationError

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.help.crisis import crisis_lines
from smsgate.help.crisis.crisis_lines import LONGEST_HOURS, LONGEST_NAME, LONGEST_SOURCE, CrisisLineEntry
from smsgate.models import CrisisLine, CrisisLineKind
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, require_network_admin
from smsgate.web.console.fields import (
    at_most,
    choices,
    is_a_day,
    parse_day,
    phones_show_it,
    required,
    warn_about_wording,
)
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    changed_meanwhile,
    fingerprint,
    redirect_to,
    render_page,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def is_a_country(_form: object, field: Field) -> None:
    """Validate the two-letter code of a country."""
    if (field.data or "").strip().upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(_("That isn't a country. Write its two letters, like KE."))


def can_be_dialled(_form: object, field: Field) -> None:
    """Validate a number as it is dialled in its country; short codes count."""
    if not crisis_lines.NUMBER.fullmatch(crisis_lines.SPACES.sub("", field.data or "")):
        raise ValidationError(_("That can't be dialled. Write it as people dial it there, like 0711 000 001 or 999."))


class CrisisLineForm(Form):
    """A crisis line or local service; its name has a field for each language."""

    country = StringField(validators=[is_a_country])
    number = StringField(validators=[can_be_dialled])
    kind = RadioField(default=CrisisLineKind.CRISIS.value)
    name_en = StringField(
        validators=[required(lambda: _("Enter the name in English.")), at_most(LONGEST_NAME), phones_show_it]
    )
    name_sw = StringField(validators=[at_most(LONGEST_NAME), phones_show_it])
    name_fr = StringField(validators=[at_most(LONGEST_NAME), phones_show_it])
    hours = StringField(validators=[at_most(LONGEST_HOURS), phones_show_it])
    source = StringField(validators=[required(lambda: _("Say where the number is from.")), at_most(LONGEST_SOURCE)])
    verified_on = StringField(validators=[required(lambda: _("Enter the day of the last call.")), is_a_day])
    expires_on = StringField(validators=[is_a_day])

    def offer(self) -> CrisisLineForm:
        """Fill in the choices, in the language of this request."""
        self.kind.choices = choices(
            {
                CrisisLineKind.CRISIS.value: _("Someone to talk to"),
                CrisisLineKind.SERVICE.value: _("A local service"),
            }.items()
        )
        return self

    @property
    def names(self) -> list[tuple[str, StringField]]:
        """The name fields, each with the name of its language."""
        return [(name, self[f"name_{code}"]) for code, name in LANGUAGES.items()]

    def check(self, today: date) -> bool:
        """Return whether the form is valid; if not, the errors are shown beside the fields."""
        if not self.validate_on_submit():
            return False
        verified, expires = parse_day(self.verified_on.data), parse_day(self.expires_on.data)
        if verified is None or verified > today:
            self.verified_on.errors = [_("That day is in the future. Call the number first.")]
        elif expires is not None and not verified < expires <= verified + crisis_lines.AT_MOST:
            self.expires_on.errors = [_("Choose a day after the call, at most two years later.")]
        return not self.errors

    def entry(self) -> CrisisLineEntry:
        """Return the validated form as the domain's entry."""
        return CrisisLineEntry(
            self.country.data or "", self.number.data or "",
            {code: self[f"name_{code}"].data or "" for code in LANGUAGES}, self.source.data or "",
            parse_day(self.verified_on.data), parse_day(self.expires_on.data), CrisisLineKind(self.kind.data),
            self.hours.data or "",
        )  # fmt: skip


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes that list the numbers and that add, change, verify or remove one."""

    @routes.get("/lines")
    def lines_here() -> Page:
        require_network_admin(current_staff())
        today = service.now().date()
        with service.database.reading() as session:
            rows = [
                (one, crisis_lines.expiry_status(one, today), Form(formdata=None, seen=_fingerprint_of(one)))
                for one in crisis_lines.all_lines(session)
            ]
            return render_page("lines", rows=rows)

    @routes.route("/lines/new", methods=["GET", "POST"])
    def line_new() -> Page:
        require_network_admin(current_staff())
        form = CrisisLineForm().offer()
        return _save(service, form, 0) if form.is_submitted() else render_page("line", form=form, number=0)

    @routes.route("/lines/<int:number>", methods=["GET", "POST"])
    def line(number: int) -> Page:
        require_network_admin(current_staff())
        if Form().is_submitted():
            return _save(service, CrisisLineForm().offer(), number)
        with service.database.reading() as session:
            entry = crisis_lines.entry_of(_the_line(session, number))
            return render_page(
                "line", form=CrisisLineForm(seen=fingerprint(entry), data=_values(entry)).offer(), number=number
            )

    @routes.post("/lines/<int:number>/verify")
    def line_verify(number: int) -> Page:
        return _verify_or_remove(service, number, "verify")

    @routes.post("/lines/<int:number>/remove")
    def line_remove(number: int) -> Page:
        return _verify_or_remove(service, number, "remove")


def _the_line(session: Session, number: int) -> CrisisLine:
    found = session.get(CrisisLine, number)
    if found is None:
        raise NotFound
    return found


def _fingerprint_of(found: CrisisLine) -> str:
    return fingerprint(crisis_lines.entry_of(found))


def _values(entry: CrisisLineEntry) -> dict[str, Any]:
    names = {f"name_{code}": entry.names.get(code, "") for code in LANGUAGES}
    return {**vars(entry), **names, "kind": entry.kind.value}


def _save(service: Service, form: CrisisLineForm, number: int) -> Page:
    now = service.now()
    if not form.check(now.date()):
        return render_page("line", 422, form=form, number=number)
    with service.database.transaction() as session:
        found = _the_line(session, number) if number else None
        if found is not None:
            session.refresh(found, with_for_update=True)
        if not accept_once(session, form, now):
            return already_done("lines_here")
        form.once.data = secrets.token_urlsafe(18)  # if it is shown again below, it can be submitted again
        if found is not None and changed_meanwhile(form, crisis_lines.entry_of(found)):
            form.seen.data = _fingerprint_of(found)
            return render_page("line", 409, form=form, number=number, meanwhile=crisis_lines.entry_of(found))
        try:
            with session.begin_nested():
                found = _write(session, found, form.entry(), now)
        except (Invalid, IntegrityError):  # nothing else is left: the form was checked above
            form.number.errors = [_("This number is already on the list.")]
            return render_page("line", 422, form=form, number=number)
    warn_about_wording(*(field.data for _name, field in form.names))
    return redirect_to("lines_here", _("Saved. Phones show it from the next call on."))


def _write(session: Session, found: CrisisLine | None, entry: CrisisLineEntry, now: datetime) -> CrisisLine:
    if found is None:
        return crisis_lines.add(session, entry, now, by=current_staff().phone_id)
    crisis_lines.change(session, found, entry, now, by=current_staff().phone_id)
    return found


def _verify_or_remove(service: Service, number: int, what: str) -> Page:
    require_network_admin(current_staff())
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        if not accept_once(session, form, now):
            return already_done("lines_here")
        found = _the_line(session, number)
        session.refresh(found, with_for_update=True)
        if form.seen.data not in (None, "", _fingerprint_of(found)):
            said = _("Someone else changed this in the meantime. Your change wasn't saved.")
            return redirect_to("lines_here", said, "wait")
        if what == "remove":
            crisis_lines.remove(session, found, now, by=current_staff().phone_id)
        else:
            entry = replace(crisis_lines.entry_of(found), verified_on=now.date(), expires_on=None)
            crisis_lines.change(session, found, entry, now, by=current_staff().phone_id)
    return redirect_to(
        "lines_here", _("Removed.") if what == "remove" else _("Confirmed. It will be shown for another year.")
    )
