"""The settings of a group, which its admins change one section at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, flash
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Length, NumberRange

from smsgate.core import timezones
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import groups
from smsgate.groups import settings as group_settings
from smsgate.groups.join_requests import LONGEST_WELCOME
from smsgate.groups.settings import GroupSettings
from smsgate.models import Group, Role
from smsgate.notices import group_changes
from smsgate.web.console.access import current_staff
from smsgate.web.console.confirm_change import Change, ConfirmForm, Effect, Preview, confirm_change
from smsgate.web.console.fields import (
    WholeNumberField,
    at_most,
    choices,
    is_a_code,
    is_a_time,
    is_a_zone,
    is_before,
    parse_time,
    phones_show_it,
    required,
)
from smsgate.web.console.pages import Page, fingerprint, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

NAME_LENGTH, REPLY_DAYS = Length(max=groups.LONGEST_NAME), NumberRange(1, groups.LONGEST_REPLY_DAYS)


# The fields of each section of the page; sections are saved separately.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "group": ("name", "code", "languages", "zone"),
    "joining": ("listed", "joining", *(f"welcome_{code}" for code in LANGUAGES)),
    "texts": ("quiet_from", "quiet_until", "tells_place", "reminders", "replies_allowed", "replies_days"),
}


class SettingsForm(ConfirmForm):
    """All settings of a group; the welcome has a field for each language."""

    name = StringField(validators=[required(lambda: _("Enter the group's name.")), NAME_LENGTH, phones_show_it])
    code = StringField(validators=[is_a_code])
    languages = SelectMultipleField(choices=choices(LANGUAGES.items()))
    zone = StringField(validators=[is_a_zone])
    quiet_from = StringField(validators=[is_a_time])
    quiet_until = StringField(validators=[is_a_time])
    tells_place = BooleanField()
    listed = BooleanField()
    joining = RadioField(default="open")
    welcome_en = StringField(validators=[at_most(LONGEST_WELCOME), phones_show_it])
    welcome_sw = StringField(validators=[at_most(LONGEST_WELCOME), phones_show_it])
    welcome_fr = StringField(validators=[at_most(LONGEST_WELCOME), phones_show_it])
    replies_allowed = BooleanField()
    replies_days = WholeNumberField(default=14, validators=[required(lambda: _("Enter a number.")), REPLY_DAYS])
    reminders = StringField(validators=[is_before])
    section = HiddenField()  # a key of SECTIONS; "" for all settings

    def offer(self) -> SettingsForm:
        """Fill in the choices, in the language of this request."""
        ways = {"open": _("Anyone with the code can join"), "approval": _("A leader approves each person")}
        self.joining.choices = choices(ways.items())
        return self

    def fill_other_sections(self, current: GroupSettings) -> None:
        """Fill the fields of the other sections with their saved values, since only one section was submitted."""
        own = SECTIONS.get(self.section.data or "")
        for name, value in field_values(current).items() if own else ():
            if own and name not in own:
                self[name].data, self[name].raw_data = value, [str(value)]

    @property
    def zones(self) -> list[str]:
        """Time zones of the same continent, to suggest."""
        return timezones.timezones_near(self.zone.data or "Africa/Nairobi")

    @property
    def welcomes(self) -> list[tuple[str, StringField]]:
        """The welcome fields, each with the name of its language."""
        return [(name, self[f"welcome_{code}"]) for code, name in LANGUAGES.items()]

    def check(self, session: Session, group: Group | None) -> bool:
        """Return whether the form is valid; if not, the errors are shown beside the fields."""
        found = bool(self.validate_on_submit())
        if not self.languages.data:
            self.languages.errors = [_("Choose at least one language.")]
            found = False
        if bool(parse_time(self.quiet_from.data)) != bool(parse_time(self.quiet_until.data)):
            self.quiet_until.errors = [_("Fill in both, or leave both empty for no quiet hours.")]
            found = False
        elif (quiet := self._quiet()) and not groups.are_quiet_hours_allowed(quiet):
            self.quiet_until.errors = [_("Quiet hours last up to 16 hours, like 21:00 to 07:00.")]
            found = False
        code = (self.code.data or "").strip()
        if code and (group is None or code != group.code) and groups.is_code_taken(session, code, group):
            self.code.errors = [_("Another group or flow already has this code.")]
            found = False
        return found

    def wording(self) -> tuple[str | None, ...]:
        """Return the texts that members will read."""
        return (self.name.data, *(field.data for _name, field in self.welcomes))

    def _quiet(self) -> tuple[time, time] | None:
        start, end = parse_time(self.quiet_from.data), parse_time(self.quiet_until.data)
        return (start, end) if start is not None and end is not None else None

    def settings(self) -> GroupSettings:
        """Return the validated form as the domain's settings."""
        return GroupSettings(
            name=self.name.data or "",
            code=(self.code.data or "").strip(),
            zone=(self.zone.data or "").strip(),
            languages=self.languages.data or [],
            quiet=self._quiet(),
            tells_place=self.tells_place.data,
            listed=self.listed.data,
            by_approval=self.joining.data == "approval",
            welcome={code: self[f"welcome_{code}"].data or "" for code in LANGUAGES},
            replies_allowed=self.replies_allowed.data,
            replies_days=self.replies_days.data or 14,
            reminders=(self.reminders.data or "").strip(),
        )


def _filled(settings: GroupSettings) -> SettingsForm:
    return SettingsForm(data=field_values(settings)).offer()


def field_values(settings: GroupSettings) -> dict[str, object]:
    """Return settings as values of the form's fields."""
    start, end = settings.quiet or (None, None)
    alike = ("name", "code", "zone", "tells_place", "listed", "replies_allowed", "replies_days", "reminders")
    return {
        **{name: getattr(settings, name) for name in alike},
        "languages": settings.languages or list(LANGUAGES),
        "quiet_from": f"{start:%H:%M}" if start else "",
        "quiet_until": f"{end:%H:%M}" if end else "",
        "joining": "approval" if settings.by_approval else "open",
        **{f"welcome_{code}": settings.welcome.get(code, "") for code in LANGUAGES},
    }


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for a group's settings."""

    @routes.get("/groups/<code>/settings")
    def settings(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            current = group_settings.settings_of(group)
        return render_page("settings", form=_filled(current), seen=_states(current))

    @routes.post("/groups/<code>/settings")
    def settings_change(code: str) -> Page:
        return _change(service, code)


def _change(service: Service, code: str) -> Page:
    """Save the settings, after a preview if members are told of the change (a new code or time zone)."""
    form, now = SettingsForm().offer(), service.now()
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        current = group_settings.settings_of(group)
        form.fill_other_sections(current)
        if not form.check(session, group):
            return render_page("settings", 422, form=form, seen=_states(current))
        form.code.data = form.code.data or group.code

    def make(session: Session, group: Group) -> Effect:
        me, dial = current_staff().phone_id, service.settings.service_code
        group_changes.change_settings(session, group, form.settings(), now, dial, by=me)
        return Effect(now + group_changes.WORTH_TELLING)

    def show_form(preview: Preview | None) -> Page:
        with service.database.reading() as session:
            current = group_settings.settings_of(the_group(session, code, Role.ADMIN))
        if preview is None:
            _show_differences(form, current)
        status, meanwhile = (200, False) if preview else (422, True)
        return render_page("settings", status, form=form, preview=preview, meanwhile=meanwhile, seen=_states(current))

    change = Change(
        now=now, find_group=partial(_locked_group, code=code), make=make, show_form=show_form,
        state=lambda session: _state(group_settings.settings_of(_locked_group(session, code)), form.section.data or ""),
        audit=(AuditEvent.GROUP_CHANGED, None), wording=form.wording(), always=False,
        done=_("Saved."), next_page=("settings", {"code": form.code.data}),
    )  # fmt: skip
    answer = confirm_change(service, form, change)
    if isinstance(answer, Response):
        warn_of_namesakes(service, form.code.data or "")
    return answer


def _locked_group(session: Session, code: str) -> Group:
    group = the_group(session, code, Role.ADMIN)
    session.refresh(group, with_for_update=True)
    return group


def warn_of_namesakes(service: Service, code: str) -> None:
    """Flash a warning if another listed group has the same name."""
    with service.database.reading() as session:
        group = groups.find_open_group(session, code)
        if group is not None and groups.listed_namesakes(session, group):
            said = _("Another group on the list is also called {name}: people can't tell them apart.")
            flash(said.format(name=group.name), "wait")


def _state(current: GroupSettings, section: str) -> str:
    """Return the fingerprint of one section, so that people who save different sections don't conflict."""
    names = SECTIONS.get(section)
    return fingerprint([(name, value) for name, value in field_values(current).items() if not names or name in names])


def _states(current: GroupSettings) -> dict[str, str]:
    """Return the fingerprint of each section."""
    return {section: _state(current, section) for section in SECTIONS}


def _show_differences(form: SettingsForm, current: GroupSettings) -> None:
    """Show the current value beside each field that differs from it; what was typed stays in the field."""
    form.renew(_state(current, form.section.data or ""))
    for name, value in field_values(current).items():
        if form[name].data != value:
            form[name].errors = [_("Current value: {value}").format(value=_value_text(form, name, value))]


def _value_text(form: SettingsForm, name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(LANGUAGES[code] for code in value)
    ways = {way: said for way, said, _chosen, _more in form.joining.iter_choices()} if name == "joining" else {}
    return ways.get(value, str(value)) or "-"
