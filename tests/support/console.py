"""A user of the console with a browser without JavaScript, who opens pages, reads them and fills in forms."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smsgate.groups import console_codes, roles, wording_editor
from smsgate.groups.wording_editor import Original
from smsgate.models import Group, Role, RoleAssignment, lookup
from smsgate.service import Service
from smsgate.web.console.accounts import permissions
from tests.support.people import Clock, Phone

# The sign-in and its static files. Every other page needs a sign-in (tests/console/test_permissions.py).
WAY_IN = {
    "/console/sign-in", "/console/code", "/console/app", "/console/language/<language>",
    "/console/static/<path:filename>",
}  # fmt: skip
CODE = re.compile(r"\d{6}")


@dataclass
class FoundForm:
    """A form on a page: where it goes, what it would send, and the labels of its buttons."""

    action: str
    enctype: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    pressed: dict[str, tuple[str, str]] = field(default_factory=dict)  # a button's own name and value


class Reader(HTMLParser):
    """Parses a page into its text, links and forms, as a browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self.words: list[str] = []
        self.links: dict[str, str] = {}
        self.heard: list[str] | None = None
        self.form: FoundForm | None = None
        self.select: str = ""
        self.area: str = ""
        self.link: str = ""
        self.button: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name, value = given.get("name") or "", given.get("value")
        if tag == "form":
            self.form = FoundForm(given.get("action") or "", given.get("enctype") or "", given.get("method") or "get")
            self.forms.append(self.form)
        elif tag == "a":
            self.link, self.heard = given.get("href") or "", []
        elif tag == "button":
            self.button, self.heard = given, []
        elif self.form is None or (not name and tag != "option"):
            return
        elif tag == "input":
            self._input(self.form, name, value, given)
        elif tag == "textarea":
            self.area, self.heard = name, []
        elif tag == "select":
            self.select = name
        elif tag == "option":
            self.form.choices.setdefault(self.select, []).append(value or "")
            if "selected" in given or len(self.form.choices[self.select]) == 1:
                self.form.values = [one for one in self.form.values if one[0] != self.select]
                self.form.values.append((self.select, value or ""))

    def _input(self, form: FoundForm, name: str, value: str | None, given: dict[str, str | None]) -> None:
        if given.get("type") in ("checkbox", "radio"):
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" not in given:
                return
        if given.get("type") != "file":
            form.values.append((name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        said = " ".join("".join(self.heard or []).split())
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.form and self.area:
            self.form.values.append((self.area, "".join(self.heard or [])))
            self.area, self.heard = "", None
        elif tag == "button" and self.form:
            self.form.buttons.append(said)
            if self.button.get("name"):
                self.form.pressed[said] = (self.button["name"] or "", self.button.get("value") or "")
            self.heard = None
        elif tag == "a" and self.link:
            self.links.setdefault(said, self.link)
            self.link, self.heard = "", None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.heard is not None:
            self.heard.append(data)


class Console:
    """One browser."""

    def __init__(self, app: Flask, service: Service) -> None:
        self.client: FlaskClient = app.test_client()
        self.service = service
        self.at = ""
        self.last: TestResponse

    def signs_in(self, phone: Phone, *, own: bool = False) -> None:
        """Sign in with the code that is texted to the phone."""
        self.opens("/console/sign-in")
        self.sends("Send code", number=phone.number, own="y" if own else None)
        self.sends("Sign in", code=code_of(phone))
        assert self.last.status_code == 200, self.words

    def opens(self, path: str, status: int = 200, headers: dict[str, str] | None = None) -> str:
        """Open a page and return its text."""
        self.last = self.client.get(path, follow_redirects=True, headers=headers)
        assert self.last.status_code == status, (self.last.status_code, self.words)
        self.at = self.last.request.path
        return self.words

    def follows(self, link: str) -> str:
        """Follow the link with this text."""
        return self.opens(self.page.links[link])

    def sends(self, button: str, status: int = 200, form: int = 0, **fields: Any) -> str:
        """Fill in the form with this button and press it; `form` says which one if several have it."""
        found = self.form(button, form)
        data: dict[str, Any] = {}
        for name, value in found.values:
            data.setdefault(name, []).append(value)
        for name, value in ((name.rstrip("_"), value) for name, value in fields.items()):
            assert value is None or name in data or name in found.choices or found.enctype or name in self.last.text
            data[name] = value
        if button in found.pressed:
            name, value = found.pressed[button]
            data[name] = value
        data = {name: value for name, value in data.items() if value is not None}
        if found.method == "get":
            return self.opens(f"{found.action.partition('#')[0]}?{urlencode(data, doseq=True)}", status)
        return self.posts(found.action or self.last.request.path, data, status)

    def posts(self, path: str, data: dict[str, Any], status: int = 200) -> str:
        """Post data to a path and return the text of the page that follows."""
        self.last = self.client.post(path, data=data, follow_redirects=True)
        assert self.last.status_code == status, (self.last.status_code, self.words)
        self.at = self.last.request.path
        return self.words

    def form(self, button: str, which: int = 0) -> FoundForm:
        """Return the form that has a button with this label."""
        found = [form for form in self.page.forms if button in form.buttons]
        assert found, f"no form has the button {button!r}: {[form.buttons for form in self.page.forms]}"
        return found[which]

    @property
    def page(self) -> Reader:
        """The current page, parsed."""
        reader = Reader()
        reader.feed(self.last.text)
        return reader

    @property
    def words(self) -> str:
        """The text of the page, on one line."""
        return " ".join(" ".join(self.page.words).split())

    def sees(self, *words: str) -> None:
        """Assert that the page contains these words."""
        for one in words:
            assert one in self.words, f"{one!r} is not in {self.words!r}"

    def sees_not(self, *words: str) -> None:
        """Assert that the page does not contain these words."""
        for one in words:
            assert one not in self.words, f"{one!r} is in {self.words!r}"


def code_of(phone: Phone) -> str:
    """Return the code in the newest text."""
    found = CODE.search(phone.reads()[-1])
    assert found, phone.inbox
    return found[0]


def dialled_code(service: Service, phone: Phone) -> str:
    """Return the code that a leader gets by dialling."""
    with service.database.transaction() as session:
        row = lookup.find_phone(session, phone.number)
        assert row
        return console_codes.issue(session, row, service.now())


def shown_by(secret: str, clock: Clock, steps: int = 0) -> str:
    """Return what an authenticator app shows now, or `steps` half minutes later."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(clock.now().timestamp()) + 30 * steps).decode()


def leads(service: Service, phone: Phone, group: Group, role: Role = Role.FACILITATOR) -> None:
    """Give someone a role in the group."""
    with service.database.transaction() as session:
        row = lookup.ensure_phone(session, phone.number, service.now())
        code = roles.offer(session, session.get_one(Group, group.id), role, service.now())
        assert roles.accept(session, row, code, service.now())
        assert session.query(RoleAssignment).filter_by(phone_id=row.id).count()


def looks_after_the_network(service: Service, phone: Phone) -> None:
    """Make someone an admin of the network."""
    with service.database.transaction() as session:
        permissions.appoint(session, lookup.ensure_phone(session, phone.number, service.now()), service.now())


def original(text: str) -> Original:
    """Return a text that groups may reword, by its English wording."""
    return next(one for one in wording_editor.originals().values() if one.text == text)
