"""Unsaved input is kept for the thing it belongs to, is offered again with its time, and never looks saved."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from smsgate.models import Group, Role
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.web.console.accounts import login
from tests.support.console import code_of, leads
from tests.support.console_browser import signs_in
from tests.support.people import Phone
from tests.support.phone_network import listening
from tests.support.surveys import RIDE

pytestmark = pytest.mark.xdist_group("console in a browser")
HERE = "/console/groups/4521"
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4
OFFERED = re.compile(r"You have unsaved changes from \d\d:\d\d")


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Use SQLite only: what a page does in a browser doesn't depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def page(context: BrowserContext, app: Flask, service: Service, group: Group, amina: Phone) -> Iterator[Page]:
    """Yield Amina's browser, signed in as the admin of Tumaini, which has a survey."""
    leads(service, amina, group, Role.ADMIN)
    with service.database.transaction() as session:
        surveys.create(session, session.get_one(Group, group.id), RIDE, service.now())
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    with listening(app) as address:
        signs_in(page, address, amina)
        yield page


def opens(page: Page, path: str) -> None:
    page.goto(re.sub(r"/console/.*", "", page.url) + f"{HERE}/{path}")


@pytest.mark.by_night
def test_what_is_typed_is_offered_restored_discarded_and_does_not_look_saved(page: Page) -> None:
    offer, name = page.get_by_text(OFFERED), page.get_by_label("Name", exact=True)
    opens(page, "settings")
    name.fill("Upendo")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    name.fill("Tumaini")
    expect(page.get_by_text("Not saved yet.")).to_have_count(0)
    name.fill("Upendo")
    page.reload()
    expect(offer).to_be_visible()
    expect(name).to_have_value("Tumaini")
    page.get_by_role("button", name="Restore").click()
    expect(name).to_have_value("Upendo")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Discard").click()
    page.reload()
    expect(offer).to_have_count(0)
    name.fill("Imani")
    page.get_by_role("button", name="Save the group").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(offer).to_have_count(0)
    expect(page.get_by_text("Not saved yet.")).to_have_count(0)
    opens(page, "flows")  # the next new one starts empty
    page.get_by_label("Name").fill("Walks")
    page.get_by_role("button", name="Start", exact=True).click()
    opens(page, "flows")
    expect(offer).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("")


@pytest.mark.by_night
def test_a_half_typed_step_is_not_put_into_another_one(page: Page) -> None:
    offer, words = page.get_by_text(OFFERED), page.get_by_label("Text in English")
    opens(page, "flows/1/steps/1")
    before = words.input_value()
    words.fill("Half of a sente")
    opens(page, "flows/1/steps/1")
    expect(words).to_have_value(before)
    expect(offer).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    opens(page, "flows/1/steps/1")
    expect(offer).to_have_count(0)  # leaving it discards
    words.fill("Half of a sente")
    opens(page, "flows/1")
    page.get_by_role("button", name="Delete Step 1").click()
    opens(page, "flows/1/steps/1")
    expect(offer).to_have_count(0)
    expect(words).not_to_have_value("Half of a sente")


def enters(page: Page, phone: Phone) -> None:
    """Sign in from the sign-in page, with a number that is mistyped at first."""
    page.get_by_label("Your phone number").fill("0711")
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_text("We can't text that number.")).to_be_visible()
    page.get_by_label("Your phone number").fill(phone.number)
    page.get_by_role("button", name="Send code").click()
    page.get_by_role("link", name="Use another number").click()
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Your code").fill(code_of(phone))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.by_night
@pytest.mark.parametrize("leaves", ["presses", "reloads"])
def test_an_ended_sign_in_loses_nothing_and_shows_it_to_nobody_else(
    page: Page, service: Service, group: Group, amina: Phone, juma: Phone, leaves: str
) -> None:
    words, offer = page.get_by_label("Main text (all other languages)"), page.get_by_text(OFFERED)
    leads(service, juma, group)
    opens(page, "notices/new")
    words.fill("Tea at four")
    with service.database.transaction() as session:
        login.end_sessions(session, 1, service.now())
    if leaves == "presses":
        page.get_by_role("button", name="Preview").click()
    else:
        page.reload()
    enters(page, amina)
    expect(words).to_have_value("")
    page.get_by_role("button", name="Restore").click()
    expect(words).to_have_value("Tea at four")
    with service.database.transaction() as session:
        login.end_sessions(session, 1, service.now())
    page.reload()
    enters(page, juma)
    expect(words).to_have_value("")
    expect(offer).to_have_count(0)
    words.fill("Mine")
    page.get_by_text("0002").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You're signed out.")).to_be_visible()
    assert not page.evaluate("Object.keys(sessionStorage).length")


@pytest.mark.by_night
def test_a_long_word_widens_no_page(page: Page, service: Service) -> None:
    with service.database.transaction() as session:
        group = session.query(Group).one()
        group.name = LONG[:60]
        surveys.create(session, group, {**RIDE, "title": {"en": LONG[:30]}}, service.now())
    opens(page, "notices/new")
    page.get_by_label("Main text (all other languages)").fill(LONG)
    page.get_by_role("button", name="Preview").click()
    for path in ("", "/notices", "/notices/1", "/flows", "/flows/2", "/settings", "/roles", "/people", "/nothing"):
        opens(page, path.removeprefix("/"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
