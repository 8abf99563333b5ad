"""Inviting to a group: one number, or a file of them. It is told what is wrong with a number, never whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectChoice, SelectField, StringField  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length

from smsgate.core.i18n import LANGUAGES, language_now
from smsgate.core.phone_numbers import NotANumber, e164, masked
from smsgate.flows import sms
from smsgate.groups import invitations, number_files, roles
from smsgate.groups.number_files import Read, Unreadable
from smsgate.groups.wording import speaking_for
from smsgate.models import Group, Role
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.groups.members import day_of, is_admin, page_asked
from smsgate.web.console.pages import Form, again, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
UPLOAD = "console.invitation_file"
FORM_AROUND = 12 * 1024 * 1024  # bytes: a file that is somewhat too big is told so beside its field
RANGES_SHOWN = 400
SPOKEN = [SelectChoice(code, name) for code, name in LANGUAGES.items()]


class One(Form):
    """A number to invite."""

    number = StringField(validators=[DataRequired(), Length(max=30)])
    language = SelectField(choices=SPOKEN)


class Many(Form):
    """A file of numbers."""

    file = FileField(validators=[FileRequired()])
    language = SelectField(choices=SPOKEN, id="language-of-many")  # two forms stand on one page


class Naming(Form):
    """What an invitation says."""

    by_name = BooleanField()


def add(routes: Blueprint, service: Service) -> None:
    """Invitations."""

    @routes.before_app_request
    def room_for_a_file() -> None:
        if request.endpoint == UPLOAD:
            request.max_content_length = number_files.MOST_BYTES + FORM_AROUND

    @routes.get("/groups/<code>/invitations", endpoint="invitations")
    def listed(code: str) -> Page:
        with service.database.reading() as session:
            return _page(service, session, the_group(session, code, own=True))

    @routes.post("/groups/<code>/invitations")
    def invitation_new(code: str) -> Page:
        return _invite_one(service, code)

    @routes.post("/groups/<code>/invitations/file")
    def invitation_file(code: str) -> Page:
        return _invite_many(service, code)

    @routes.post("/groups/<code>/invitations/naming")
    def invitation_naming(code: str) -> Page:
        return _name(service, code)

    @routes.post("/groups/<code>/invitations/one/back")
    def invitation_back(code: str) -> Page:
        return _take_back(service, code, request.form.get("number", 0, int))

    @routes.get("/groups/<code>/invitations/back")
    def invitations_back(code: str) -> Page:
        with service.database.reading() as session:
            count = invitations.count(session, the_group(session, code, own=True))
            return show("invitations_back", count=count, form=Form())

    @routes.post("/groups/<code>/invitations/back")
    def invitations_taken_back(code: str) -> Page:
        return _take_back(service, code, None)


def _page(
    service: Service,
    session: Session,
    group: Group,
    status: int = 200,
    one: One | None = None,
    many: Many | None = None,
) -> Page:
    page, now = page_asked(), language_now()
    name = group.name if group.invites_by_name else ""
    with speaking_for(group, now):
        words = sms.group_invitation(service.settings.service_code, group.code, name)
    return show(
        "invitations",
        status,
        one=one or One(formdata=None, language=now),
        many=many or Many(formdata=None, language=now),
        naming=Naming(formdata=None, by_name=group.invites_by_name),
        words=words,
        rows=[(row.id, masked(row.number or ""), row.listed_at) for row in invitations.listed(session, group, page)],
        page=page,
        count=invitations.count(session, group),
        waiting=invitations.waiting(session, group),
        accepted=invitations.accepted(session, group),
        daily=invitations.DAILY,
        page_size=invitations.PAGE,
        day=day_of,
        admin=is_admin(group),
    )


def _invite_one(service: Service, code: str) -> Page:
    form, now = One(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, own=True)
        number = _number(form, service.settings.countries) if form.validate() else ""
        if not number:
            return _page(service, session, group, 422, one=form)
        if not first_time(session, form, now):
            return again("invitations", code=code)
        taken = invitations.invite(session, group, [number], form.language.data, now)
        roles.record_use(session, group.id, me().phone_id, "invited", now)
    if taken.over:
        return go(
            "invitations", _("Too many numbers are invited just now. Take some back, or wait."), "wrong", code=code
        )
    said = _("If this number may be invited, one text goes to it. Nobody is told whether it is in the group already.")
    return go("invitations", said, code=code)


def _number(form: One, countries: tuple[str, ...]) -> str:
    try:
        return e164(form.number.data or "", countries)
    except NotANumber as error:
        form.number.errors = [why(error.reason)]
        return ""


def _invite_many(service: Service, code: str) -> Page:
    form, now = Many(), service.now()
    with service.database.reading() as session:
        group = the_group(session, code, own=True)
        found = _read(form, service.settings.countries) if form.validate() else None
        if found is None:
            return _page(service, session, group, 422, many=form)
    with service.database.transaction() as session:
        group = the_group(session, code, own=True)
        if not first_time(session, form, now):
            return again("invitations", code=code)
        taken = invitations.invite(session, group, found.numbers, form.language.data, now)
        roles.record_use(session, group.id, me().phone_id, f"invited_file:{taken.taken}", now)
    bad = [(why(reason), len(lines), *number_files.ranges(lines, RANGES_SHOWN)) for reason, lines in found.bad.items()]
    return show("invitations_read", taken=taken, bad=bad, daily=invitations.DAILY)


def _read(form: Many, countries: tuple[str, ...]) -> Read | None:
    try:
        return number_files.read(form.file.data.stream, countries)
    except Unreadable as error:
        form.file.errors = [unreadable(error.reason)]
        return None
    finally:
        form.file.data.close()  # a big one lies on the disk until then


def _name(service: Service, code: str) -> Page:
    form, now = Naming(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, own=True)
        if not first_time(session, form, now):
            return again("invitations", code=code)
        group.invites_by_name = bool(form.by_name.data)
        what = "invites_by_name" if group.invites_by_name else "invites_without_name"
        roles.record_use(session, group.id, me().phone_id, what, now)
    return go("invitations", _("That is how invitations read from now on."), code=code)


def _take_back(service: Service, code: str, number: int | None) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, own=True)
        if not first_time(session, form, now):
            return again("invitations", code=code)
        gone = invitations.withdraw(session, group, number, now)
        if not gone and number is not None:
            raise NotYours
        if gone:
            roles.record_use(session, group.id, me().phone_id, "withdrew", now)
    return go("invitations", _("Taken back. What had not left does not leave, and the number is forgotten."), code=code)


def why(reason: str) -> str:
    """Why a number is refused, to who typed it."""
    return {
        "none": _("There is no number on the line."),
        "unreadable": _("That is no telephone number. Write it like 0711000001."),
        "country": _("The number is of a country to which this service sends no texts."),
        "fixed": _("That is a fixed line, which gets no texts."),
        "formula": _("That is a formula, or looks like one. Write the number alone."),
        "rounded": _("The spreadsheet has shortened the number. Make the column text, and type it anew."),
        "twice": _("The number stands further up already. It is invited once."),
        "over": _("A file may have 50,000 lines. Bring the rest in another one."),
    }[reason]


def unreadable(reason: str) -> str:
    """Why nothing of a file could be read."""
    return {
        "spreadsheet": _("That is a spreadsheet. Open it, save it as CSV, and bring that file."),
        "binary": _("That is no list of numbers. Bring a CSV file, or plain text with a number on each line."),
        "encoding": _("Its letters could not be read. Save it anew as “CSV UTF-8”, and bring that file."),
        "big": _("The file is too big. Leave out all but the numbers, or bring it in parts."),
        "empty": _("The file is empty."),
    }[reason]
