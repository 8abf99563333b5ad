"""What every page of the console is made with: a group that is theirs to see, a form received once, and the frame."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField

from smsgate.core.database import insert_new
from smsgate.core.i18n import CONSOLE, LANGUAGES, language_now, say_when, translations
from smsgate.models import Group, PerformedAction, Role
from smsgate.web.console import text as console_text
from smsgate.web.console.access import me
from smsgate.web.console.accounts import permissions
from smsgate.web.console.text import _


class Words:
    """The sentences of the forms' library come from our catalogue, too."""

    def gettext(self, text: str) -> str:
        """One sentence."""
        return translations(language_now(), CONSOLE).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """One that counts."""
        return translations(language_now(), CONSOLE).ngettext(one, many, count)


class Form(FlaskForm):  # type: ignore[misc]
    """A form of the console. `once` tells one sending from another, `seen` what stood there when it was opened.

    Labels and hints stand in the templates, where the words around them are.
    """

    once = HiddenField()
    seen = HiddenField()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """CSRF is looked at before any form is read (door.py); its token stands in every form."""

        csrf = False

        def get_translations(self, form: FlaskForm) -> Words:
            """Ours."""
            return Words()

    def __init__(self, *arguments: Any, seen: str = "", **more: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(*arguments, **more)
        if not self.is_submitted():
            self.seen.data = seen
        self.once.data = self.once.data or secrets.token_urlsafe(18)


def first_time(session: Session, form: Form, now: datetime) -> bool:
    """False where this very form was received before: pressed twice, or sent again by a bad line.

    Noted in the transaction that does what the form asks, after its fields were found right: a form that is shown
    again, because something in it was wrong, may be sent again.
    """
    run = f"console:{blake2s((form.once.data or '').encode(), digest_size=14).hexdigest()}"
    row = insert_new(session, PerformedAction).values(run=run, name=(request.endpoint or "")[:60], result="", at=now)
    return session.scalar(row.returning(PerformedAction.id)) is not None


def fingerprint(*values: object) -> str:
    """What stands there at this moment, for a form's `seen`: two who change it at once are told of each other."""
    return blake2s(repr(values).encode(), digest_size=12).hexdigest()


def changed_meanwhile(form: Form, *values: object) -> bool:
    """Whether somebody else changed it since this form was opened; it is shown again, with what was typed."""
    return bool(form.seen.data) and form.seen.data != fingerprint(*values)


def the_group(session: Session, code: str, need: Role = Role.FACILITATOR, *, own: bool = False) -> Group:
    """The group of this page, which the frame shows too; 404 where it is not theirs, 403 where it takes an admin."""
    g.group = permissions.the_group(session, me(), code, need=need, own=own)
    g.role = permissions.role_in(me(), g.group)
    return g.group  # type: ignore[no-any-return]


def show(template: str, /, status: int = 200, **values: Any) -> tuple[str, int]:  # noqa: ANN401 - a template's values
    """A page: `console/<template>.html`."""
    return render_template(f"console/{template}.html", **values), status


def go(endpoint: str, said: str = "", kind: str = "done", **values: Any) -> Response:  # noqa: ANN401 - of url_for
    """To another page, with a sentence on it about what was done; `kind` is done, wait or wrong."""
    if said:
        flash(said, kind)
    return redirect(url_for(f"console.{endpoint}", **values), 303)


def again(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - of url_for
    """A form that came twice: what it asks was done the first time."""
    return go(endpoint, _("That was done already, once."), "wait", **values)


def _part(path: str) -> str:
    """What follows a group's code in an address; "" on its first page."""
    return "".join(path.partition("/groups/")[2].split("/")[1:2])


@dataclass(frozen=True)
class Room:
    """A page of a group in its menu."""

    endpoint: str
    label: str
    admins: bool = False
    own: bool = False  # not for an admin of the network without a role in the group
    also: tuple[str, ...] = ()  # first parts of addresses that belong to it, too

    def holds(self, path: str) -> bool:
        """Whether a page stands in this room."""
        first, own = _part(path), _part(url_for(f"console.{self.endpoint}", code="0"))
        return first == own or first in self.also

    def opens_to(self, group: Group) -> bool:
        """Whether whoever is signed in may go there."""
        role = me().roles.get(group.id) if self.own else permissions.role_in(me(), group)
        return role is Role.ADMIN or (role is not None and not self.admins)


def few(count: int) -> str:
    """A count of people: under five it is not said how many."""
    return str(count) if count >= 5 or count == 0 else _("a few")


def local(at: datetime, group: Group) -> str:
    """A moment on the group's clock."""
    return say_when(at.astimezone(ZoneInfo(group.zone)))


def frame() -> Mapping[str, object]:
    """What every template knows."""
    return {
        "_": console_text._,
        "ngettext": console_text.ngettext,
        "language": language_now(),
        "languages": LANGUAGES,
        "few": few,
        "local": local,
        "when": say_when,
    }
