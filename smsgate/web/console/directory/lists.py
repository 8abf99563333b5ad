"""The network's lists for all groups: areas, languages, whom groups are for; and whether the public page is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField, TextAreaField

from smsgate.core.graphemes import clip
from smsgate.core.i18n import LANGUAGES
from smsgate.directory import areas, open_to, public_page
from smsgate.groups import number_files
from smsgate.models import LONGEST_AREA, Area, OpenTo
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, require_network_admin
from smsgate.web.console.fields import at_most, phones_show_it, required
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

WRONG_ROWS_SHOWN = 5
SHOWN_OF_WRONG = 40  # characters of a text that was refused


class AreaForm(Form):
    """The name of a county or a town."""

    name = StringField(validators=[required(lambda: _("Enter a name.")), at_most(LONGEST_AREA), phones_show_it])
    do = HiddenField()


class AreasFileForm(Form):
    """A CSV file of areas."""

    file = FileField()


class LanguagesForm(Form):
    """The languages, one per line."""

    names = TextAreaField()


class OpenToForm(Form):
    """A kind of people that groups may be for, named in each language."""

    words_en = StringField(
        validators=[required(lambda: _("Enter the name in English.")), at_most(open_to.LONGEST), phones_show_it]
    )
    words_sw = StringField(validators=[at_most(open_to.LONGEST), phones_show_it])
    words_fr = StringField(validators=[at_most(open_to.LONGEST), phones_show_it])
    do = HiddenField()

    @property
    def words(self) -> list[tuple[str, StringField]]:
        """The fields, each with the name of its language."""
        return [(name, self[f"words_{code}"]) for code, name in LANGUAGES.items()]

    def translations(self) -> dict[str, str]:
        """Return the words by language."""
        return {code: self[f"words_{code}"].data or "" for code in LANGUAGES}


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes of the lists, for admins of the network."""

    @routes.get("/directory")
    def directory_here() -> Page:
        require_network_admin(current_staff())
        with service.database.reading() as session:
            return _page(session)

    @routes.post("/directory/public")
    def directory_public() -> Page:
        require_network_admin(current_staff())
        form, now = AreaForm(), service.now()
        on = form.do.data == "on"
        with service.database.transaction() as session:
            if not accept_once(session, form, now):
                return already_done("directory_here")
            public_page.show(session, on, now, by=current_staff().phone_id)
        return redirect_to("directory_here", _("The public page is on.") if on else _("The public page is off."))

    @routes.post("/directory/languages")
    def directory_languages() -> Page:
        require_network_admin(current_staff())
        form, now = LanguagesForm(), service.now()
        with service.database.transaction() as session:
            if not accept_once(session, form, now):
                return already_done("directory_here")
            if changed_meanwhile(form, _languages_now(session, lock=True)):
                return _meanwhile("directory_here")
            areas.set_languages(session, (form.names.data or "").splitlines())
        return redirect_to("directory_here", _("Saved."))

    _area_routes(routes, service)
    _open_to_routes(routes, service)


def _area_routes(routes: Blueprint, service: Service) -> None:
    @routes.post("/directory/areas")
    def area_add() -> Page:
        return _add_area(service, None)

    @routes.post("/directory/areas/file")
    def areas_file() -> Page:
        return _bring_file(service)

    @routes.get("/directory/areas/<int:number>")
    def area_here(number: int) -> Page:
        require_network_admin(current_staff())
        with service.database.reading() as session:
            return _area_page(session, _area(session, number))

    @routes.post("/directory/areas/<int:number>")
    def area_change(number: int) -> Page:
        return _change_area(service, number)

    @routes.post("/directory/areas/<int:number>/towns")
    def town_add(number: int) -> Page:
        return _add_area(service, number)


def _open_to_routes(routes: Blueprint, service: Service) -> None:
    @routes.post("/directory/open-to")
    def open_to_add() -> Page:
        return _save_open_to(service, None)

    @routes.post("/directory/open-to/<int:number>")
    def open_to_change(number: int) -> Page:
        return _save_open_to(service, number)


def _page(session: Session, status: int = 200) -> Page:
    rows = [
        (one, OpenToForm(
            formdata=None, seen=fingerprint(one.words),
            data={f"words_{code}": one.words.get(code, "") for code in LANGUAGES},
        ))
        for one in open_to.all_of(session)
    ]  # fmt: skip
    spoken = _languages_now(session)
    languages = LanguagesForm(formdata=None, seen=fingerprint(spoken), names="\n".join(spoken))
    return render_page(
        "directory", status, counties=areas.counties(session), rows=rows, languages_form=languages,
        area_form=AreaForm(formdata=None), file_form=AreasFileForm(formdata=None), new=OpenToForm(formdata=None),
        public=public_page.is_shown(session), once=AreaForm(formdata=None),
    )  # fmt: skip


def _languages_now(session: Session, *, lock: bool = False) -> list[str]:
    return [one.name for one in areas.languages(session, lock=lock)]


def _meanwhile(to: str, **where: int) -> Page:
    """Redirect to the current values, saying that someone else changed them first."""
    return redirect_to(to, _("Someone else changed this in the meantime. Your change wasn't saved."), "wrong", **where)


def _errors(form: Form) -> str:
    """Say on the page that follows which of the short texts was refused, and why."""
    wrong = [(clip(form[name].data or "", SHOWN_OF_WRONG), " ".join(errors)) for name, errors in form.errors.items()]
    return " ".join(": ".join(filter(None, [typed.strip(), why])) for typed, why in wrong)


def _area(session: Session, number: int) -> Area:
    found = session.get(Area, number)
    if found is None:
        raise NotFound
    return found


def _area_page(session: Session, area: Area, status: int = 200) -> Page:
    county = next((one for one in areas.counties(session) if one.area.id == area.id), None)
    above = session.get(Area, area.parent_id) if area.parent_id else None
    return render_page(
        "area", status, area=area, above=above, towns=county.towns if county else [],
        form=AreaForm(formdata=None, seen=fingerprint(area.name), name=area.name), town_form=AreaForm(formdata=None),
    )  # fmt: skip


def _add_area(service: Service, parent: int | None) -> Page:
    require_network_admin(current_staff())
    form, now = AreaForm(), service.now()
    back: tuple[str, dict[str, Any]] = ("area_here", {"number": parent}) if parent else ("directory_here", {})
    with service.database.transaction() as session:
        if parent:
            _area(session, parent)
        if not form.validate_on_submit():
            return redirect_to(back[0], _errors(form), "wrong", **back[1])
        if not accept_once(session, form, now):
            return already_done(back[0], **back[1])
        areas.add_area(session, form.name.data or "", parent)
    return redirect_to(back[0], _("Saved."), **back[1])


def _change_area(service: Service, number: int) -> Page:
    require_network_admin(current_staff())
    form, now = AreaForm(), service.now()
    with service.database.transaction() as session:
        area = session.get(Area, number, with_for_update=True)
        if area is None:
            return _meanwhile("directory_here")
        above, remove = area.parent_id, form.do.data == "remove"
        if not remove and not form.validate_on_submit():
            return redirect_to("area_here", _errors(form), "wrong", number=number)
        if not accept_once(session, form, now):
            return already_done("directory_here")
        if changed_meanwhile(form, area.name):
            return _meanwhile("area_here", number=number)
        if remove:
            areas.remove_area(session, area)
        else:
            areas.rename_area(session, area, form.name.data or "")
    if remove and not above:
        return redirect_to("directory_here", _("Removed."))
    return redirect_to("area_here", _("Removed.") if remove else _("Saved."), number=above if remove else number)


def _bring_file(service: Service) -> Page:
    require_network_admin(current_staff())
    form, now = AreasFileForm(), service.now()
    try:
        text = number_files.decoded(form.file.data.read() if form.file.data else b"")
    except number_files.Unreadable:
        return redirect_to("directory_here", _("Choose a CSV file with a county and a town in each row."), "wrong")
    with service.database.transaction() as session:
        if not accept_once(session, form, now):
            return already_done("directory_here")
        found = areas.import_areas(session, text)
    for row, why in found.wrong[:WRONG_ROWS_SHOWN]:
        flash(_("Row {row}: {why}").format(row=row, why=why), "wrong")
    said = _("{added} areas added, {known} already on the list, {wrong} rows left out.")
    return redirect_to("directory_here", said.format(added=found.added, known=found.known, wrong=len(found.wrong)))


def _save_open_to(service: Service, number: int | None) -> Page:
    require_network_admin(current_staff())
    form, now = OpenToForm(), service.now()
    with service.database.transaction() as session:
        found = session.get(OpenTo, number, with_for_update=True) if number else None
        if number and found is None:
            return _meanwhile("directory_here")
        remove = found is not None and form.do.data == "remove"
        if not remove and not form.validate_on_submit():
            return redirect_to("directory_here", _errors(form), "wrong")
        if not accept_once(session, form, now):
            return already_done("directory_here")
        if found is not None and changed_meanwhile(form, found.words):
            return _meanwhile("directory_here")
        if found is None:
            open_to.add(session, form.translations())
        elif remove:
            session.delete(found)
        else:
            found.words = open_to.checked(form.translations())
    return redirect_to("directory_here", _("Removed.") if remove else _("Saved."))
