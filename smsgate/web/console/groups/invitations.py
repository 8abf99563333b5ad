"""Inviting to a group, by number or by file. Errors say what is wrong with a number, never whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, request
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectChoice, SelectField, StringField  # type: ignore[attr-defined]
from wtforms.validators import Length

from smsgate.core.gsm7 import segments
from smsgate.core.i18n import LANGUAGES, language_now
from smsgate.core.phone_numbers import NotANumber, e164, masked
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, invitations, number_files
from smsgate.groups.imports import number_imports
from smsgate.groups.join_requests import languages_of
from smsgate.models import Group, MessageKind, Role
from smsgate.notices import pricing
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.confirm_change import leaves_text
from smsgate.web.console.fields import required
from smsgate.web.console.groups.members import is_admin, page_number
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    local_day,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.text import _
from smsgate.web.front import row_id

if TYPE_CHECKING:
    from smsgate.service import Service

UPLOADS = ("console.invitation_file", "console.invitation_columns")
FORM_AROUND = 12 * 1024 * 1024  # extra bytes: a slightly too big file gets an error beside its field, no 413
SPOKEN = [SelectChoice(code, name) for code, name in LANGUAGES.items()]


class InviteOneForm(Form):
    """A number to invite."""

    number = StringField(validators=[required(lambda: _("Enter a mobile number.")), Length(max=30)])
    language = SelectField(choices=SPOKEN)


class InviteFileForm(Form):
    """A file of numbers."""

    file = FileField(validators=[required(lambda: _("Choose a file."))])
    language = SelectField(choices=SPOKEN, id="language-of-many")  # unique, since the page has two such forms


class NamingForm(Form):
    """The setting whether invitations name the group."""

    by_name = BooleanField()


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for inviting one number, listing and withdrawing invitations, and naming the group in them."""

    @routes.before_app_request
    def room_for_a_file() -> None:
        if request.endpoint in UPLOADS:
            request.max_content_length = number_files.MOST_BYTES + FORM_AROUND
            request.max_form_memory_size = number_files.MOST_BYTES + FORM_AROUND

    @routes.get("/groups/<code>/invitations", endpoint="invitations")
    def listed(code: str) -> Page:
        with service.database.reading() as session:
            return listing_page(service, session, the_group(session, code, appointed=True))

    @routes.post("/groups/<code>/invitations")
    def invitation_new(code: str) -> Page:
        return _invite_one(service, code)

    @routes.post("/groups/<code>/invitations/naming")
    def invitation_naming(code: str) -> Page:
        return _set_naming(service, code)

    @routes.post("/groups/<code>/invitations/one/back")
    def invitation_back(code: str) -> Page:
        return _withdraw(service, code, request.form.get("number", 0, row_id))

    @routes.get("/groups/<code>/invitations/back")
    def invitations_back(code: str) -> Page:
        with service.database.reading() as session:
            count = invitations.count(session, the_group(session, code, appointed=True))
            return render_page("invitations_back", count=count, form=Form())

    @routes.post("/groups/<code>/invitations/back")
    def invitations_taken_back(code: str) -> Page:
        return _withdraw(service, code, None)


def listing_page(
    service: Service,
    session: Session,
    group: Group,
    status: int = 200,
    one: InviteOneForm | None = None,
    many: InviteFileForm | None = None,
) -> Page:
    """Render the page of invitations, with `one` or `many` if that form was submitted with errors."""
    page, now = page_number(), language_now()
    return render_page(
        "invitations",
        status,
        one=one or InviteOneForm(formdata=None, language=now),
        many=many or InviteFileForm(formdata=None, language=now),
        naming=NamingForm(formdata=None, by_name=group.invites_by_name),
        says=what_it_says(service, session, group),
        rows=[(row.id, masked(row.number or ""), row.listed_at) for row in invitations.listed(session, group, page)],
        page=page,
        count=invitations.count(session, group),
        waiting=invitations.waiting(session, group),
        accepted=invitations.accepted(session, group),
        daily=invitations.DAILY,
        page_size=invitations.PAGE,
        day=local_day,
        admin=is_admin(group),
        imports=number_imports.open_imports(session, group),
    )


@dataclass(frozen=True)
class InvitationText:
    """The text of an invitation in each language of the group, what it costs and when it is sent."""

    texts: list[tuple[str, str]]
    price: str  # "" if unknown
    leaves: str


def what_it_says(service: Service, session: Session, group: Group) -> InvitationText:
    """Return what someone who is invited now would get."""
    now, code = service.now(), service.settings.service_code
    spoken = sorted(languages_of(group), key=lambda each: each != language_now())  # the page's language first
    texts = [(each, invitations.words_for(group, each, code)) for each in spoken]
    price = pricing.exact_cost(session, group.id, service.settings.price, max(segments(words) for _at, words in texts))
    return InvitationText(texts, price, leaves_text(group, MessageKind.INVITATION, now + invitations.WORTH, now, now))


def _invite_one(service: Service, code: str) -> Page:
    form, now = InviteOneForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        number = _number(form, service.settings.countries) if form.validate() else ""
        if not number:
            return listing_page(service, session, group, 422, one=form)
        if not accept_once(session, form, now):
            return already_done("invitations", code=code)
        taken = invitations.invite(session, group, [number], form.language.data, now)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.INVITED, now)
    if taken.over:
        return redirect_to(
            "invitations", _("Too many invitations are open. Withdraw some, or wait."), "wrong", code=code
        )
    said = _("Done. If the number can be invited, it gets one text. For privacy we don't show who is a member.")
    return redirect_to("invitations", said, code=code)


def _number(form: InviteOneForm, countries: tuple[str, ...]) -> str:
    try:
        return e164(form.number.data or "", countries)
    except NotANumber as error:
        form.number.errors = [number_error(error.reason)]
        return ""


def _set_naming(service: Service, code: str) -> Page:
    form, now = NamingForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, appointed=True)
        if not accept_once(session, form, now):
            return already_done("invitations", code=code)
        group.invites_by_name = bool(form.by_name.data)
        session.flush()
        invitations.correct_waiting_texts(session, group, service.settings.service_code)
        event = AuditEvent.INVITES_BY_NAME if group.invites_by_name else AuditEvent.INVITES_WITHOUT_NAME
        audit_log.record(session, group.id, current_staff().phone_id, event, now)
    return redirect_to("invitations", _("Saved. Invitations will read like this."), code=code)


def _withdraw(service: Service, code: str, number: int | None) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        if not accept_once(session, form, now):
            return already_done("invitations", code=code)
        gone = invitations.withdraw(session, group, number, now)
        if number is None:
            for one in number_imports.open_imports(session, group):
                number_imports.stop(one)
        if not gone and number is not None:
            raise NotFound
        if gone:
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.WITHDREW, now)
    return redirect_to(
        "invitations", _("Withdrawn. If the text wasn't sent yet, it won't be. The number is deleted."), code=code
    )


def number_error(reason: str) -> str:
    """Say in plain words why a number is refused."""
    return {
        "none": _("There is no number on this line."),
        "unreadable": _("This isn't a phone number. Write it like 0711000001."),
        "country": _("The number is from a country that this service can't text."),
        "fixed": _("This is a landline: it can't get texts."),
        "service": _("This is the number of a service, not a person's phone."),
        "letters": _("There are letters in the number. Use only digits."),
        "several": _("There is more than one number. Write one on each line."),
        "extension": _("There is something after the number. Write only the number."),
        "formula": _("This looks like a formula. Write only the number."),
        "rounded": _("The spreadsheet shortened the number. Format the column as text and type it again."),
        "twice": _("The number is also further up. It's invited once."),
        "over": _("A file can have 50,000 lines. Upload the rest in another one."),
        "long": _("The line is too long."),
    }[reason]
