"""Every console page in a pseudo-language: nothing breaks, and nothing stays in English."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from babel.dates import get_day_names, get_month_names
from playwright.sync_api import Browser
from sqlalchemy import select

from smsgate.core import admin_text, i18n
from smsgate.models import Group, OpenTo, Role
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from smsgate.web import Application
from tests.console.test_permissions import address, methods, rules
from tests.support.command_line import A_LINE, Typed
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.console_browser import signs_in
from tests.support.people import Phone
from tests.support.phone_network import listening
from tests.support.pseudo_language import PLAIN, Pseudo
from tests.support.stories import joins

TOPICS = parse_definition(yaml_files.load(yaml_files.library()["topics"]))
WIDEST = """[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > 320)
    .map((one) => one.outerHTML.slice(0, 90)).slice(-3)"""
OTHERS = "smsgate Amina Tumaini Africa Nairobi Hi browser"  # the last is from the list of sessions
SAID = ("aria-label", "title", "alt", "placeholder", "data-empty", "data-more")
UNSAID = {"script", "style", "textarea", "code", "pre"}  # not text, or typed by people


class Text(HTMLParser):
    """The text of a page, visible or for screen readers, without parts marked as in another language."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.said += [given[name] or "" for name in SAID if name in given]
        if tag in UNSAID or (given.get("lang") and tag != "html"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.said.append(data)


def said_in(html: str) -> list[str]:
    page = Text()
    page.feed(html)
    return [" ".join(part.split()) for part in page.said if part.strip()]


def _alike() -> set[str]:
    """Return words that stay the same in every language: what people wrote, names, and months and days in French."""
    names = [
        name
        for names_of in (get_month_names, get_day_names)
        for width in ("wide", "abbreviated")
        for name in names_of(width, locale="fr").values()
    ]
    written = [content.decode() for content in yaml_files.library().values()]
    return set(PLAIN.findall(" ".join([*names, *written, *i18n.LANGUAGES.values(), *A_LINE, OTHERS])))


ALIKE = _alike()


@pytest.fixture
def console(app: Application, service: Service, group: Group, amina: Phone, types: Typed) -> Console:
    """Sign in an admin of a group that has one of everything, in French."""
    joins(amina)
    leads(service, amina, group, Role.ADMIN)
    looks_after_the_network(service, amina)
    types("meeting", "add", "4521", "2026-12-01 14:00")
    types("series", "add", "4521", "--every", "week", "--on", "fri", "--at", "15:00")
    types(*A_LINE)
    with service.database.transaction() as session:
        survey = surveys.create(session, session.get_one(Group, group.id), TOPICS, service.now())
        surveys.publish(session, survey, None, service.now())
    console = Console(app, service)
    console.signs_in(amina)
    console.opens("/console/language/fr")
    types("notice", "send", "4521", "Hi", "--at", "2026-12-01 14:00", "--yes")
    return console


@pytest.fixture
def pseudo(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    speaks_pseudo(monkeypatch)


def speaks_pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (i18n, admin_text):
        monkeypatch.setattr(module, "translations", lambda language, domain=i18n.PHONES: Pseudo())


def pages(app: Application, console: Console) -> dict[str, str]:
    """Return the text of each page that the admin can open, by path; fail if one breaks."""
    shown = {}
    for rule in rules(app):
        if "GET" in methods(rule) and "sign-out" not in rule.rule:
            path = address(rule, "4521")
            answer = console.client.get(path)
            assert answer.status_code < 500, path
            if answer.status_code == 200 and answer.mimetype == "text/html":
                shown[path] = answer.text
    return shown


@pytest.mark.usefixtures("pseudo")
def test_every_page_can_be_translated(app: Application, console: Console, service: Service) -> None:
    shown = pages(app, console)
    with service.database.reading() as session:  # the network's own words for whom groups are for
        alike = ALIKE | {word for one in session.scalars(select(OpenTo)) for word in PLAIN.findall(str(one.words))}
    found = {
        word: f"{path}: {part}"
        for path, html in shown.items()
        for part in said_in(html)
        for word in PLAIN.findall(part)
        if word not in alike
    }
    assert found == {}
    assert len(shown) > 30


@pytest.mark.by_night
def test_no_page_scrolls_sideways_where_words_are_long(
    app: Application, console: Console, browser: Browser, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = browser.new_context(viewport={"width": 320, "height": 800})
    page = own.new_page()
    wide: dict[str, object] = {}
    with listening(app) as host:
        signs_in(page, host, amina)
        page.goto(f"{host}/console/language/fr")
        speaks_pseudo(monkeypatch)
        for path in pages(app, console):
            page.goto(f"{host}{path}")
            if page.evaluate("document.documentElement.scrollWidth") > 320:
                wide[path] = page.evaluate(WIDEST)
    own.close()
    assert wide == {}


def test_a_word_that_nobody_can_translate_is_found() -> None:
    page = (
        '<html lang="fr"><title>Sàvé</title><p>Hello <b lang="sw">Habari</b><button aria-label="Close">×</button></p>'
    )
    assert [word for part in said_in(page) for word in PLAIN.findall(part)] == ["Hello", "Close"]
