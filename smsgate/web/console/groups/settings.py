"""A group as its admins want it: set up by an admin of the network, changed by its own, closed."""

from __future__ import annotations

import secrets
from datetime import time
from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from smsgate.core import timezones
from smsgate.core.i18n import LANGUAGES
from smsgate.groups import groups, roles
from smsgate.groups import settings as group_settings
from smsgate.groups.join_requests import LONGEST_WELCOME
from smsgate.groups.settings import GroupSettings
from smsgate.models import Group, Phone, Role
from smsgate.notices import group_closing
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import TooLittle
from smsgate.web.console.confirm_change import Looked, preview
from smsgate.web.console.fields import (
    Whole,
    at_most,
    is_a_code,
    is_a_time,
    is_a_zone,
    is_before,
    offered,
    phones_show_it,
    tell_doubts,
    time_of,
)
from smsgate.web.console.pages import Form, again, changed_meanwhile, fingerprint, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response


class Settings(Form):
    """Everything about a group; a welcome for each language has a field of its own."""

    name = StringField(validators=[InputRequired(), Length(max=groups.LONGEST_NAME), phones_show_it])
    code = StringField(validators=[is_a_code])
    languages = SelectMultipleField(choices=offered(LANGUAGES.items()))
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
    replies_days = Whole(default=14, validators=[InputRequired(), NumberRange(1, groups.LONGEST_REPLY_DAYS)])
    reminders = StringField(validators=[is_before])

    def offer(self) -> Settings:
        """The choices in the language spoken now."""
        ways = {"open": _("Whoever has its code joins"), "approval": _("Who leads it says yes or no")}
        self.joining.choices = offered(ways.items())
        return self

    @property
    def zones(self) -> list[str]:
        """Names of zones near the one that stands there."""
        return timezones.timezones_near(self.zone.data or "Africa/Nairobi")

    @property
    def welcomes(self) -> list[tuple[str, StringField]]:
        """The fields of the welcome, with the names of their languages."""
        return [(name, self[f"welcome_{code}"]) for code, name in LANGUAGES.items()]

    def check(self, session: Session, group: Group | None) -> bool:
        """Whether all of it can be so; else the reasons stand beside the fields."""
        found = bool(self.validate_on_submit())
        if bool(time_of(self.quiet_from.data)) != bool(time_of(self.quiet_until.data)):
            self.quiet_until.errors = [_("Say both, or neither for no quiet hours.")]
            found = False
        elif (quiet := self._quiet()) and not groups.are_quiet_hours_allowed(quiet):
            self.quiet_until.errors = [_("Quiet hours last up to 16 hours, like 21:00 to 07:00.")]
            found = False
        code = (self.code.data or "").strip()
        other = groups.find_group(session, code) if code else None
        if other is not None and other is not group:
            self.code.errors = [_("Another group has this code.")]
            found = False
        return found

    def _quiet(self) -> tuple[time, time] | None:
        start, end = time_of(self.quiet_from.data), time_of(self.quiet_until.data)
        return (start, end) if start is not None and end is not None else None

    def wish(self) -> GroupSettings:
        """What they want, once it was checked."""
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


def _filled(wish: GroupSettings, seen: str = "") -> Settings:
    return Settings(seen=seen, data=_values(wish)).offer()


def _values(wish: GroupSettings) -> dict[str, object]:
    """A wish as the fields have it."""
    start, end = wish.quiet or (None, None)
    alike = ("name", "code", "zone", "tells_place", "listed", "replies_allowed", "replies_days", "reminders")
    return {
        **{name: getattr(wish, name) for name in alike},
        "languages": wish.languages or list(LANGUAGES),
        "quiet_from": f"{start:%H:%M}" if start else "",
        "quiet_until": f"{end:%H:%M}" if end else "",
        "joining": "approval" if wish.by_approval else "open",
        **{f"welcome_{code}": wish.welcome.get(code, "") for code in LANGUAGES},
    }


def add(routes: Blueprint, service: Service) -> None:
    """Setting up, changing and closing a group."""

    @routes.get("/new-group")
    def group_new() -> Page:
        _looks_after_the_network()
        with service.database.reading() as session:
            zone = timezones.timezone_of_number(session.get_one(Phone, me().phone_id).number)
        return show("group_new", form=_filled(GroupSettings(name="", zone=zone)))

    @routes.post("/new-group")
    def group_make() -> Page:
        _looks_after_the_network()
        form = Settings().offer()
        with service.database.transaction() as session:
            if not form.check(session, None):
                return show("group_new", 422, form=form)
            if not first_time(session, form, service.now()):
                return again("home")
            made = group_settings.create_group(session, form.wish(), service.now())
            roles.record_use(session, made.id, me().phone_id, "group_made", service.now())
        _doubts(form)
        said = _("{name} has the code {code}.").format(name=made.name, code=made.code)
        return go("settings", said, code=made.code)

    @routes.get("/groups/<code>/settings")
    def settings(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            wish = group_settings.settings_of(group)
        return show("settings", form=_filled(wish, fingerprint(wish)))

    @routes.post("/groups/<code>/settings")
    def settings_change(code: str) -> Page:
        return _change(service, code)

    @routes.route("/groups/<code>/close", methods=["GET", "POST"])
    def group_close(code: str) -> Page:
        return _close(service, code)


def _looks_after_the_network() -> None:
    if not me().network:
        raise TooLittle


def _change(service: Service, code: str) -> Page:
    form, now = Settings().offer(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        session.refresh(group, with_for_update=True)
        stands = group_settings.settings_of(group)
        if not form.check(session, group):
            return show("settings", 422, form=form)
        if not form.code.data:
            form.code.data = group.code
        if not first_time(session, form, now):
            return again("settings", code=group.code)
        if changed_meanwhile(form, stands):
            _stands_now(form, stands)
            return show("settings", 422, form=form, meanwhile=True)
        group_settings.apply_settings(session, group, form.wish(), now)
        roles.record_use(session, group.id, me().phone_id, "group_changed", now)
    _doubts(form)
    return go("settings", _("Kept."), code=group.code)


def _stands_now(form: Settings, stands: GroupSettings) -> None:
    """Beside each field that somebody else has otherwise by now: what stands there. What was typed stays."""
    form.seen.data, form.once.data = fingerprint(stands), secrets.token_urlsafe(18)
    for name, value in _values(stands).items():
        if form[name].data != value:
            form[name].errors = [_("Now stands there: {value}").format(value=_said(form, name, value))]


def _said(form: Settings, name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(LANGUAGES[code] for code in value)
    ways = {way: said for way, said, _chosen, _more in form.joining.iter_choices()} if name == "joining" else {}
    return ways.get(value, str(value)) or "-"


def _doubts(form: Settings) -> None:
    tell_doubts(form.name.data, *(field.data for _name, field in form.welcomes))


def _close(service: Service, code: str) -> Page:
    now, dialled = service.now(), service.settings.service_code
    form = Looked()
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
    if not form.was_looked_at():
        seen = preview(
            service, group, lambda s: (group_closing.close(s, the_group(s, code, Role.ADMIN), now, dialled), "")
        )
        return show("group_close", form=form, preview=seen)
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not first_time(session, form, now):
            return again("home")
        group_closing.close(session, group, now, dialled)
        roles.record_use(session, group.id, me().phone_id, "group_closed", now)
    return go("home", _("{name} is closed.").format(name=group.name))
