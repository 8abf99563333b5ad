"""What every page is built from: its group, forms that are accepted once, redirects and the menu."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask import session as browser
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField

from smsgate.core import privacy
from smsgate.core.database import insert_new
from smsgate.core.i18n import CONSOLE, LANGUAGES, language_now, say_day_of, say_when, translations
from smsgate.core.reading import gaps
from smsgate.groups import role_offers
from smsgate.models import Group, PerformedAction, Programme, Role
from smsgate.notices import first_steps, summaries
from smsgate.web.console import text as console_text
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts import permissions
from smsgate.web.console.text import _

Page = tuple[str, int] | Response  # what a route returns


class FormTranslations:
    """Translates WTForms' messages with the console's catalogue."""

    def gettext(self, text: str) -> str:
        """Translate a message."""
        return translations(language_now(), CONSOLE).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate a message with a plural."""
        return translations(language_now(), CONSOLE).ngettext(one, many, count)


class Form(FlaskForm):  # type: ignore[misc]
    """A form of the console. `once` identifies one submission; `seen` is a fingerprint of the data it was opened with.

    Labels and hints are in the templates, next to the words around them.
    """

    once = HiddenField()
    seen = HiddenField()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Leaves CSRF tokens to access.py, which checks them before any form is read; `forms.hidden` writes them."""

        csrf = False

        def get_translations(self, form: FlaskForm) -> FormTranslations:
            """Use our catalogue."""
            return FormTranslations()

    def __init__(self, *arguments: Any, seen: str = "", **more: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(*arguments, **more)
        if not self.is_submitted():
            self.seen.data = seen
        self.once.data = self.once.data or secrets.token_urlsafe(18)

    def renew(self, seen: str) -> None:
        """Prepare the form to be shown and submitted again, with `seen` as the data is now."""
        self.seen.data, self.once.data = seen, secrets.token_urlsafe(18)


def accept_once(session: Session, form: Form, now: datetime) -> bool:
    """Return whether this submission is new; False if it was received before, after a double press or a resend.

    Call it in the transaction that does what the form asks, and only once the fields are valid: a form that is shown
    again with errors must still be accepted when it is corrected.
    """
    run = f"console:{blake2s((form.once.data or '').encode(), digest_size=14).hexdigest()}"
    row = insert_new(session, PerformedAction).values(run=run, name=(request.endpoint or "")[:60], result="", at=now)
    return session.scalar(row.returning(PerformedAction.id)) is not None


def fingerprint(*values: object) -> str:
    """Return a fingerprint of data for a form's `seen`, which reveals that two people are changing the same thing."""
    return blake2s(repr(values).encode(), digest_size=12).hexdigest()


def changed_meanwhile(form: Form, *values: object) -> bool:
    """Return whether someone else changed the data since this form was opened."""
    return bool(form.seen.data) and form.seen.data != fingerprint(*values)


def the_group(session: Session, code: str, need: Role = Role.FACILITATOR, *, appointed: bool = False) -> Group:
    """Return the group of this page and show it in the menu. Raise NotFound, or Forbidden if it takes an admin."""
    g.group = permissions.the_group(session, current_staff(), code, need=need, appointed=appointed)
    me, g.role = current_staff(), permissions.role_in(current_staff(), g.group)
    g.switch = permissions.groups_to_switch_to(session, me)
    if permissions.is_appointed(me, g.group):
        g.to_do = summaries.to_do(session, g.group.id, me.phone_id, g.now)
        if "taken" in browser:  # a form was just accepted: say what a new group needs next
            g.first_steps = first_steps.first_steps(session, g.group, g.now)
    elif me.network:
        g.may_lead = role_offers.may_lead_own_group(session, g.group.id, me.phone_id)
    return g.group  # type: ignore[no-any-return]


def render_page(template: str, /, status: int = 200, **values: Any) -> tuple[str, int]:  # noqa: ANN401 - a template's values
    """Render `console/<template>.html`."""
    return render_template(f"console/{template}.html", **values), status


def redirect_to(endpoint: str, said: str = "", kind: str = "done", **values: Any) -> Response:  # noqa: ANN401 - of url_for
    """Redirect to another page and flash a sentence there; `kind` is done, wait or wrong.

    After a form was accepted, the next page tells keep.js to forget what was typed in it.
    """
    if kind == "done" and request.form.get("once"):
        taken(request.form["once"])
    if said:
        flash(said, kind)
    return redirect(url_for(f"console.{endpoint}", **values), 303)


def taken(once: str) -> None:
    """Record, for the next page, which form was accepted."""
    browser["taken"] = once[:60]


def already_done(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - of url_for
    """Redirect after a repeated submission, which was already carried out the first time."""
    taken(request.form.get("once", ""))
    return redirect_to(endpoint, _("This was already done."), "wait", **values)


def _part(path: str) -> str:
    """Return the part of a path after the group's code; "" on the group's first page."""
    return "".join(path.partition("/groups/")[2].split("/")[1:2])


@dataclass(frozen=True)
class MenuEntry:
    """An entry in the menu of a group."""

    endpoint: str
    label: str
    admins: bool = False
    appointed: bool = False  # hidden from admins of the network without a role in the group
    also: tuple[str, ...] = ()  # the first path parts of other pages that belong to this entry
    counts: str = ""  # the field of `summaries.ToDo` to show

    @property
    def waiting(self) -> int:
        """The number of things waiting there for the signed-in user."""
        return getattr(g.to_do, self.counts) if self.counts and "to_do" in g else 0

    def is_current(self, path: str) -> bool:
        """Return whether the page at `path` belongs to this entry."""
        first, own = _part(path), _part(url_for(f"console.{self.endpoint}", code="0"))
        return first == own or first in self.also

    def is_open_to(self, group: Group) -> bool:
        """Return whether the signed-in user may open it."""
        role = permissions.role_in(current_staff(), group, appointed=self.appointed)
        return role is Role.ADMIN or (role is not None and not self.admins)


def few(count: int) -> str:
    """Return a count of people as text; one to four become "fewer than 5"."""
    return privacy.few(count, _("fewer than 5"))


def local(at: datetime, there: Group | Programme) -> str:
    """Return a UTC time in words, in the time zone of a group or programme."""
    return say_when(at.astimezone(ZoneInfo(there.zone)))


def local_day(at: datetime, there: Group | Programme) -> str:
    """Return in words the day of a UTC time, in the time zone of a group or programme."""
    return say_day_of(at.astimezone(ZoneInfo(there.zone)).date().isoformat())


def _me() -> str:
    """Return a mark of the signed-in user, so that keep.js offers nobody what another person typed; "" for none."""
    return fingerprint("me", current_staff().phone_id) if current_user.is_authenticated else ""


def template_values() -> Mapping[str, object]:
    """Return the values that every template can use."""
    return {
        "_": console_text._,
        "ngettext": console_text.ngettext,
        "language": language_now(),
        "spoken_here": language_now(),  # the page's own: templates may set `language` for what they include
        "languages": LANGUAGES,
        "few": few,
        "something_unread": gaps.found_here,
        "is_few": privacy.is_few,
        "is_appointed": permissions.is_appointed,
        "me": _me,
        "local": local,
        "when": say_when,
    }
