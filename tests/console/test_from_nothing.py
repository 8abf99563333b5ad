"""From an empty database to a working group in Chromium, presses counted: on a telephone and, in Kiswahili, a desk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from smsgate.core.i18n import CONSOLE, translations
from smsgate.models import Group
from smsgate.service import Service
from tests.console.test_pages import faults
from tests.support.console import code_of, looks_after_the_network
from tests.support.people import Phone
from tests.support.phone_network import listening

pytestmark = pytest.mark.xdist_group("console in a browser")
# The same story before the first steps led through it took 27 presses, and results could not be told at all.
MOST_PRESSES = 23


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One store is enough for what a page does in a browser."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def address(app: Flask, service: Service, otieno: Phone) -> Iterator[str]:
    """An installation with an admin of the network and nothing else."""
    looks_after_the_network(service, otieno)
    with listening(app) as listened:
        yield listened


@dataclass
class Volunteer:
    """Somebody at the console, whose presses on links and buttons are counted."""

    page: Page
    language: str
    presses: int = 0

    def says(self, text: str) -> str:
        return translations(self.language, CONSOLE).gettext(text)

    def presses_on(self, role: str, text: str, **filled: str) -> None:
        self.presses += 1
        name = self.says(text).format(**filled)
        place = self.page.locator("nav.rooms" if role == "menu" else "#main")
        place.get_by_role("link" if role == "menu" else role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def types(self, label: str, typed: str) -> None:
        self.page.get_by_label(self.says(label), exact=True).first.fill(typed)

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
    somebody.types("Your phone number", otieno.number)
    somebody.presses_on("button", "Send code")
    somebody.types("Your code", code_of(otieno))
    somebody.presses_on("button", "Sign in")
    somebody.presses_on("link", "Create the first group")
    somebody.types("Name", "Tumaini")
    somebody.types("Code", "4521")
    page.get_by_label(somebody.says("Quiet hours from")).fill("")
    page.get_by_label(somebody.says("Quiet hours until")).fill("")
    somebody.presses_on("button", "Create group")
    somebody.reads("First steps")
    assert not faults(page)
    somebody.presses_on("link", "Plan the first meeting")
    somebody.types("Day", "2026-11-27")
    somebody.types("Time", "15:00")
    somebody.presses_on("button", "Plan meeting")
    somebody.presses_on("link", "Next: {step}", step=somebody.says("Write a welcome"))
    page.get_by_label("Kiswahili").last.fill("Karibu sana.")
    amina.dials("*384*77*4521#", "1", "1", "Amina", "1")
    somebody.presses_on("button", "Save joining")
    somebody.presses_on("link", "Next: {step}", step=somebody.says("Invite people"))
    somebody.types("Mobile number", "0711000002")
    somebody.presses_on("button", "Invite")
    somebody.presses_on("menu", "Notices")
    somebody.presses_on("link", "Write a notice")
    somebody.types("Main text (all other languages)", "Tea at four")
    page.locator("summary").filter(has_text=somebody.says("In other languages")).click()
    somebody.presses += 1
    page.get_by_label("Kiswahili").fill("Chai saa kumi")
    somebody.presses_on("button", "Preview")
    somebody.presses_on("button", "Send")
    amina.hears("Tea at four")
    somebody.presses_on("menu", "Polls and questions")
    page.locator("select").first.select_option("topics")
    somebody.presses_on("button", "Start")
    page.locator("input#key").fill("1")
    somebody.presses_on("button", "Send")
    somebody.types("Code to dial", "712")
    page.locator("form", has=page.locator("#code")).get_by_role("button").click()
    somebody.presses += 1
    somebody.presses_on("button", "Publish")
    amina.dials("*384*77*712#", "1")
    somebody.presses_on("link", "Answers")
    somebody.reads("Numbers under 5 are hidden to protect members.")
    somebody.presses_on("button", "Tell members what to dial")
    somebody.presses_on("button", "Send")
    amina.hears("712")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not faults(page)
    context.close()
    assert somebody.presses <= MOST_PRESSES, somebody.presses
    with service.database.reading() as session:
        assert session.query(Group).one().name == "Tumaini"
