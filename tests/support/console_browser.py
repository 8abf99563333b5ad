"""The console in a real browser, for the tests of its pages and stories."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.console import code_of
from tests.support.people import Phone


def signs_in(page: Page, address: str, phone: Phone) -> None:
    """Sign in with the code that this phone gets."""
    page.goto(f"{address}/console/")
    page.get_by_label("Your phone number").fill(phone.number)
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Your code").fill(code_of(phone))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Groups", exact=True)).to_be_visible()
