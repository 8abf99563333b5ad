"""A coordinator in Chromium, on a phone: the waiting list, why two people suit each other, proposals and results."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from smsgate.models import Group, ProgrammeRole
from smsgate.service import Service
from tests.console.test_stories import PICTURES
from tests.support.console_browser import signs_in
from tests.support.people import Phone
from tests.support.phone_network import listening
from tests.support.stories import joins
from tests.support.walks import asks, becomes_supporter, goes_to, hands_out_cards, makes_programme, offers_role

pytestmark = pytest.mark.xdist_group("console in a browser")


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Use SQLite only: what a page does in a browser doesn't depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def page(
    context: BrowserContext, app: Flask, service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone
) -> Iterator[Page]:
    """Yield the browser of Fatuma, who coordinates a programme with Juma as supporter and Amina waiting."""
    programme = makes_programme(service)
    becomes_supporter(service, juma, programme, "Juma", interests=("2",), how="phone")
    asks(amina, hands_out_cards(service, programme))
    joins(fatuma, "Fatuma")
    fatuma.dials(f"*384*77*{offers_role(service, programme, ProgrammeRole.COORDINATOR)}#", "2")
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    with listening(app) as address:
        signs_in(page, address, fatuma)
        yield page
        page.screenshot(path=PICTURES / "coordinator.png", full_page=True)


@pytest.mark.by_night
def test_two_are_proposed_agree_and_are_seen_to_walk_together(page: Page, amina: Phone, juma: Phone) -> None:
    page.get_by_role("link", name="One to one").click()
    page.get_by_role("link", name="Side by side").click()
    page.get_by_role("link", name="Waiting list").first.click()
    expect(page.locator("main")).to_contain_text("Amina")
    page.screenshot(path=PICTURES / "who-waits.png", full_page=True)
    page.get_by_role("link", name="Juma for Amina").click()
    expect(page.locator("main")).to_contain_text("Both get this text")
    page.get_by_role("button", name="Propose").click()
    expect(page.locator("main")).to_contain_text("Asked, no answer yet")
    expect(page.locator("main")).not_to_contain_text("+254")
    for phone in (amina, juma):
        phone.hears("Someone could be in touch with you")
        phone.dials()
        goes_to(phone, "One to one")
        if phone is juma:
            phone.picks("New:")
        phone.picks("Yes")
    page.get_by_role("link", name="Side by side").first.click()
    page.get_by_role("link", name="Matches").first.click()
    expect(page.locator("main")).to_contain_text("Amina")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
