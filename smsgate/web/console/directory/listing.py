"""How people find a group: its area, its languages, whom it is for, when it meets, and what strangers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField

from smsgate.core.i18n import LANGUAGES, language_now
from smsgate.directory import areas, listing, open_to
from smsgate.directory.listing import ListingSettings
from smsgate.directory.search import in_language
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.models import Group, Role
from smsgate.web.console.access import current_staff
from smsgate.web.console.fields import at_most, phones_show_it
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    changed_meanwhile,
    fingerprint,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.text import _
from smsgate.web.front import row_id

if TYPE_CHECKING:
    from smsgate.service import Service

NOWHERE = "0"  # no area


class ListingForm(Form):
    """A group's entry in the directory; its meeting times have a field for each language."""

    area = SelectField(validate_choice=False)
    by_phone = BooleanField()
    languages = SelectMultipleField(validate_choice=False)
    open_to = SelectMultipleField(validate_choice=False)
    meets_en = StringField(validators=[at_most(listing.LONGEST_MEETS), phones_show_it])
    meets_sw = StringField(validators=[at_most(listing.LONGEST_MEETS), phones_show_it])
    meets_fr = StringField(validators=[at_most(listing.LONGEST_MEETS), phones_show_it])
    shows_next = BooleanField()
    shows_place = BooleanField()
    on_web = BooleanField()

    def offer(self, session: Session) -> ListingForm:
        """Fill in the choices from the network's lists."""
        self.area.choices = [
            (NOWHERE, _("No place")),
            *((str(n), name) for n, name in areas.area_labels(session).items()),
        ]
        self.languages.choices = [(str(one.id), one.name) for one in areas.languages(session)]
        spoken = language_now()
        self.open_to.choices = [(str(one.id), in_language(one.words, spoken)) for one in open_to.all_of(session)]
        return self

    @property
    def meets(self) -> list[tuple[str, StringField]]:
        """The fields for its meeting times, each with the name of its language."""
        return [(name, self[f"meets_{code}"]) for code, name in LANGUAGES.items()]

    def settings(self) -> ListingSettings:
        """Return the validated form as the domain's settings."""
        area = self.area.data or NOWHERE
        return ListingSettings(
            area_id=row_id(area) if area.isdecimal() and area != NOWHERE else None,
            by_phone=self.by_phone.data,
            languages=[row_id(one) for one in self.languages.data or () if one.isdecimal()],
            open_to=[row_id(one) for one in self.open_to.data or () if one.isdecimal()],
            meets={code: self[f"meets_{code}"].data or "" for code in LANGUAGES},
            shows_next=self.shows_next.data,
            shows_place=self.shows_place.data,
            on_web=self.on_web.data,
        )


def _values(settings: ListingSettings) -> dict[str, object]:
    return {
        "area": str(settings.area_id or NOWHERE),
        "languages": [str(one) for one in settings.languages],
        "open_to": [str(one) for one in settings.open_to],
        **{name: getattr(settings, name) for name in ("by_phone", "shows_next", "shows_place", "on_web")},
        **{f"meets_{code}": settings.meets.get(code, "") for code in LANGUAGES},
    }


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes of the page, for a group's admins."""

    @routes.get("/groups/<code>/found")
    def listing_here(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            current = listing.settings_of(session, group.id)
            form = ListingForm(seen=fingerprint(current), data=_values(current)).offer(session)
            return render_page("listing", form=form, group=group)

    @routes.post("/groups/<code>/found")
    def listing_change(code: str) -> Page:
        with service.database.transaction() as session:
            return _change(service, session, the_group(session, code, Role.ADMIN))


def _change(service: Service, session: Session, group: Group) -> Page:
    form, now = ListingForm().offer(session), service.now()
    current = listing.settings_of(session, group.id)
    if not form.validate_on_submit():
        return render_page("listing", 422, form=form, group=group)
    if changed_meanwhile(form, current):
        form.renew(fingerprint(current))
        return render_page("listing", 422, form=form, group=group, meanwhile=True)
    if not accept_once(session, form, now):
        return already_done("listing_here", code=group.code)
    listing.apply(session, group, form.settings())
    audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.GROUP_CHANGED, now)
    return redirect_to("listing_here", _("Saved."), code=group.code)
