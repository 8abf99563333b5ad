"""From an empty database to a working group in Chromium, counting presses: on a phone and, in Swahili, a desktop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from smsgate.core.i18n import CONSOLE, translations
from smsgate.models import Group
from smsgate.service import Service
from tests.console.test_pages import faults
from tests.support.console import code_of, looks_after_the_network
from tests.support.people import Phone
from tests.support.phone_network import listening

pytestmark = pytest.mark.xdist_group("console in a browser")
# Before the first steps existed, the same story took 27 presses, then 23; results could not be announced at all.
MOST_PRESSES, MOST_WITH_RESULTS = 12, 15
MOST_MINUTES = 12
# A person's pace: reading a page and pressing a button, moving to a field, typing a character on a phone.
A_PRESS, A_FIELD, A_CHARACTER = 20, 5, 0.6  # seconds


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Use SQLite only: what a page does in a browser doesn't depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def address(app: Flask, service: Service, otieno: Phone) -> Iterator[str]:
    """Yield the address of an installation with an admin of the network and nothing else."""
    looks_after_the_network(service, otieno)
    with listening(app) as listened:
        yield listened


@dataclass
class Volunteer:
    """Someone at the console whose presses on links and buttons are counted."""

    page: Page
    language: str
    presses: int = 0
    seconds: float = 0

    @property
    def minutes(self) -> float:
        return (self.seconds + self.presses * A_PRESS) / 60

    def says(self, text: str) -> str:
        return translations(self.language, CONSOLE).gettext(text)

    def presses_on(self, role: str, text: str, **filled: str) -> None:
        self.presses += 1
        name = self.says(text).format(**filled)
        place = self.page.locator("nav.rooms" if role == "menu" else "#main")
        place.get_by_role("link" if role == "menu" else role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def types(self, label: str, typed: str) -> None:
        self.fills(self.page.get_by_label(self.says(label), exact=True).first, typed)

    def fills(self, field: Locator, typed: str) -> None:
        self.seconds += A_FIELD + len(typed) * A_CHARACTER
        field.fill(typed)

    def reads(self, text: str, **filled: str) -> None:
        expect(self.page.get_by_text(self.says(text).format(**filled)).first).to_be_visible()


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 390, "light"), pytest.param("sw", 1280, "dark", marks=pytest.mark.by_night)],
)
def test_from_an_empty_database_to_results_told(
    browser: Browser,
    address: str,
    service: Service,
    otieno: Phone,
    amina: Phone,
    language: str,
    width: int,
    scheme: Literal["dark", "light"],
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    somebody = Volunteer(page, language)
    page.goto(f"{address}/console/language/{language}")
    signs_in_and_creates_a_group(somebody, otieno)
    invites_and_sends_a_notice(somebody, amina)
    asks_and_is_answered(somebody, amina)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not faults(page)
    assert somebody.presses <= MOST_PRESSES, somebody.presses
    tells_the_results(somebody, service, amina)
    assert somebody.presses <= MOST_WITH_RESULTS, somebody.presses
    assert somebody.minutes <= MOST_MINUTES, somebody.minutes
    context.close()
    with service.database.reading() as session:
        assert session.query(Group).one().name == "Tumaini"


def signs_in_and_creates_a_group(somebody: Volunteer, otieno: Phone) -> None:
    """Create a group with its languages, welcome and first meeting on one page, right after signing in."""
    somebody.types("Your phone number", otieno.number)
    somebody.presses_on("button", "Send code")
    somebody.types("Your code", code_of(otieno))
    somebody.presses_on("button", "Sign in")
    somebody.types("Name", "Tumaini")
    somebody.types("Code", "4521")
    somebody.page.get_by_label("Français", exact=True).first.uncheck()
    somebody.fills(somebody.page.get_by_label("Kiswahili").last, "Karibu sana.")
    somebody.types("Day", "2026-11-27")
    somebody.types("Time", "15:00")
    assert not faults(somebody.page)
    somebody.presses_on("button", "Create group")
    somebody.reads("First steps")
    assert not faults(somebody.page)


def invites_and_sends_a_notice(somebody: Volunteer, amina: Phone) -> None:
    """Follow the first steps: invite someone and send a notice in two languages."""
    assert "Karibu sana." in amina.dials("*384*77*4521#", "1", "1", "Amina", "1")
    somebody.types("Mobile number", "0711000009")
    somebody.presses_on("button", "Invite")
    somebody.presses_on("link", "Send the first notice")
    somebody.types("Main text (all other languages)", "Tea at four")
    somebody.fills(somebody.page.get_by_label("Kiswahili").first, "Chai saa kumi")
    somebody.presses_on("button", "Preview")
    somebody.presses_on("button", "Send")
    amina.hears("Tea at four")


def asks_and_is_answered(somebody: Volunteer, amina: Phone) -> None:
    """Start a poll from a template, try it, publish it with a code, and tell members."""
    somebody.presses_on("menu", "Polls and questions")
    somebody.page.locator("select").first.select_option("topics")
    somebody.presses_on("button", "Start")
    somebody.fills(somebody.page.locator("input#key"), "1")
    somebody.presses_on("button", "Send")
    somebody.types("Code to dial", "712")
    somebody.presses_on("button", "Publish")
    somebody.presses_on("button", "Send")
    amina.hears("712")
    amina.dials("*384*77*712#", "1")
    somebody.reads("Numbers under 5 are hidden to protect members.")


def tells_the_results(somebody: Volunteer, service: Service, amina: Phone) -> None:
    """Announce the results to those who were asked, once five have answered."""
    for number in range(2, 6):
        another = Phone(amina.client, service, f"+25471100010{number}")
        another.dials("*384*77*4521#", "1", "1", "Rafiki", "1")
        another.dials("*384*77*712#", "1")
    somebody.presses += 1
    somebody.page.reload()
    somebody.presses_on("button", "Share the results with members")
    somebody.presses_on("button", "Send")
    amina.hears("5")
