"""Numbers to call, kept by who looks after the network: somebody calls each, and says so here."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import phonenumbers
import structlog
from flask import Blueprint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import Field, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.help import crisis_lines
from smsgate.help.crisis_lines import LONGEST_HOURS, LONGEST_NAME, LONGEST_SOURCE, Entry
from smsgate.models import CrisisLine, CrisisLineKind
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours, TooLittle
from smsgate.web.console.fields import at_most, day_of, is_a_day, offered, phones_show_it, tell_doubts
from smsgate.web.console.pages import Form, again, changed_meanwhile, fingerprint, first_time, go, show
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
log = structlog.get_logger()


def is_a_country(_form: object, field: Field) -> None:
    """Two letters."""
    if (field.data or "").strip().upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(_("That is no country. Write its two letters, like KE."))


def can_be_dialled(_form: object, field: Field) -> None:
    """As one dials it there; short codes too."""
    if not crisis_lines.NUMBER.fullmatch(crisis_lines.SPACES.sub("", field.data or "")):
        raise ValidationError(_("That cannot be dialled. Write it as one dials it there, like 0711 000 001 or 999."))


class Number(Form):
    """A number to call; a name for each language has a field of its own."""

    country = StringField(validators=[is_a_country])
    number = StringField(validators=[can_be_dialled])
    kind = RadioField(default=CrisisLineKind.CRISIS.value)
    name_en = StringField(validators=[DataRequired(), at_most(LONGEST_NAME), phones_show_it])
    name_sw = StringField(validators=[at_most(LONGEST_NAME), phones_show_it])
    name_fr = StringField(validators=[at_most(LONGEST_NAME), phones_show_it])
    hours = StringField(validators=[at_most(LONGEST_HOURS), phones_show_it])
    source = StringField(validators=[DataRequired(), at_most(LONGEST_SOURCE)])
    verified_on = StringField(validators=[DataRequired(), is_a_day])
    expires_on = StringField(validators=[is_a_day])

    def offer(self) -> Number:
        """The choices in the language spoken now."""
        self.kind.choices = offered(
            {
                CrisisLineKind.CRISIS.value: _("Somebody to talk to"),
                CrisisLineKind.SERVICE.value: _("A local service"),
            }.items()
        )
        return self

    @property
    def names(self) -> list[tuple[str, StringField]]:
        """The fields of the names, with those of their languages."""
        return [(name, self[f"name_{code}"]) for code, name in LANGUAGES.items()]

    def check(self, today: date) -> bool:
        """Whether all of it can be so; else the reasons stand beside the fields."""
        if not self.validate_on_submit():
            return False
        verified, expires = day_of(self.verified_on.data), day_of(self.expires_on.data)
        if verified is None or verified > today:
            self.verified_on.errors = [_("That day is not yet: call it first.")]
        elif expires is not None and not verified < expires <= verified + crisis_lines.AT_MOST:
            self.expires_on.errors = [_("After the day on which it was called, and at most two years after.")]
        return not self.errors

    def entry(self) -> Entry:
        """What they want, once it was checked."""
        return Entry(
            self.country.data or "", self.number.data or "",
            {code: self[f"name_{code}"].data or "" for code in LANGUAGES}, self.source.data or "",
            day_of(self.verified_on.data), day_of(self.expires_on.data), CrisisLineKind(self.kind.data),
            self.hours.data or "",
        )  # fmt: skip


def add(routes: Blueprint, service: Service) -> None:
    """The list, one number, that it was called again, and taking it away."""

    @routes.get("/lines")
    def lines_here() -> Page:
        _looks_after_the_network()
        today = service.now().date()
        with service.database.reading() as session:
            rows = [
                (one, crisis_lines.standing(one, today), Form(formdata=None)) for one in crisis_lines.all_lines(session)
            ]
            return show("lines", rows=rows)

    @routes.route("/lines/new", methods=["GET", "POST"])
    def line_new() -> Page:
        _looks_after_the_network()
        form = Number().offer()
        return _keep(service, form, 0) if form.is_submitted() else show("line", form=form, number=0)

    @routes.route("/lines/<int:number>", methods=["GET", "POST"])
    def line(number: int) -> Page:
        _looks_after_the_network()
        if Form().is_submitted():
            return _keep(service, Number().offer(), number)
        with service.database.reading() as session:
            entry = crisis_lines.entry_of(_the_line(session, number))
            return show("line", form=Number(seen=fingerprint(entry), data=_values(entry)).offer(), number=number)

    @routes.post("/lines/<int:number>/verify")
    def line_verify(number: int) -> Page:
        return _done(service, number, "verify")

    @routes.post("/lines/<int:number>/remove")
    def line_remove(number: int) -> Page:
        return _done(service, number, "remove")


def _looks_after_the_network() -> None:
    if not me().network:
        raise TooLittle


def _the_line(session: Session, number: int) -> CrisisLine:
    found = session.get(CrisisLine, number)
    if found is None:
        raise NotYours
    return found


def _values(entry: Entry) -> dict[str, Any]:
    names = {f"name_{code}": entry.names.get(code, "") for code in LANGUAGES}
    return {**vars(entry), **names, "kind": entry.kind.value}


def _keep(service: Service, form: Number, number: int) -> Page:
    now = service.now()
    if not form.check(now.date()):
        return show("line", 422, form=form, number=number)
    with service.database.transaction() as session:
        found = _the_line(session, number) if number else None
        if found is not None:
            session.refresh(found, with_for_update=True)
        if not first_time(session, form, now):
            return again("lines_here")
        form.once.data = secrets.token_urlsafe(18)  # where it is shown again, it may be sent again
        if found is not None and changed_meanwhile(form, crisis_lines.entry_of(found)):
            form.seen.data = fingerprint(crisis_lines.entry_of(found))
            return show("line", 409, form=form, number=number, meanwhile=crisis_lines.entry_of(found))
        try:
            with session.begin_nested():
                found = _written(session, found, form.entry(), now.date())
        except (Invalid, IntegrityError):  # all else was looked at above
            form.number.errors = [_("This number is there already.")]
            return show("line", 422, form=form, number=number)
    log.info("line_kept", line=found.id, by=me().phone_id)
    tell_doubts(*(field.data for _name, field in form.names))
    return go("lines_here", _("Kept. Phones show it from the next call on."))


def _written(session: Session, found: CrisisLine | None, entry: Entry, today: date) -> CrisisLine:
    if found is None:
        return crisis_lines.add(session, entry, today)
    crisis_lines.change(session, found, entry, today)
    return found


def _done(service: Service, number: int, what: str) -> Page:
    _looks_after_the_network()
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        if not first_time(session, form, now):
            return again("lines_here")
        found = _the_line(session, number)
        if what == "remove":
            crisis_lines.remove(session, found)
        else:
            entry = replace(crisis_lines.entry_of(found), verified_on=now.date(), expires_on=None)
            crisis_lines.change(session, found, entry, now.date())
    log.info(f"line_{what}", line=number, by=me().phone_id)
    return go("lines_here", _("Taken away.") if what == "remove" else _("It is shown for another year."))
