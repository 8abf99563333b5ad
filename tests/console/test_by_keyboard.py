"""The main stories with only a keyboard: Tab reaches everything in order, with visible focus and without traps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.test_from_nothing import address, database_url
from tests.support.console import code_of
from tests.support.people import Phone

__all__ = ["address", "database_url"]

pytestmark = pytest.mark.xdist_group("console in a browser")
MOST_TABS = 90
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const words = one.labels?.length ? one.labels[0].textContent : one.getAttribute("aria-label") || one.textContent;
  return {name: words.replace(/\\s+/g, " ").trim(), tag: one.tagName, top: box.top + scrollY,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight};
}"""


@dataclass
class Keyboard:
    """A user without a mouse."""

    page: Page
    passed: list[str] = field(default_factory=list)

    def goes_to(self, name: str) -> None:
        """Press Tab until something has the focus; on the way, check that focus is visible and never trapped."""
        before = ""
        for _tab in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused["tag"] == "BODY":
                continue
            assert focused["outlined"], f"{focused} is not seen to have the focus"
            assert focused["inside"], f"{focused} has the focus and is not in view"
            assert focused["name"], f"{focused} has no name"
            self.passed.append(focused["name"])
            if focused["name"] == name:
                return
            assert focused["name"] != before or focused["tag"] == "INPUT", f"{before!r} holds the focus"
            before = focused["name"]
        raise AssertionError(f"{name!r} is not reached: {self.passed[-MOST_TABS:]}")

    def types(self, name: str, text: str) -> None:
        self.goes_to(name)
        self.page.keyboard.type(text)

    def presses(self, name: str) -> None:
        self.goes_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.mark.by_night
def test_from_nothing_to_a_notice_without_a_mouse(browser: Browser, address: str, otieno: Phone, amina: Phone) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 700})
    page = context.new_page()
    somebody = Keyboard(page)
    page.goto(f"{address}/console/sign-in")
    page.keyboard.type(otieno.number)  # the focus is in the only field
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    page.keyboard.type(code_of(otieno))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Groups", exact=True)).to_be_visible()
    somebody.presses("Skip to content")
    somebody.types("Name", "Tumaini")
    somebody.types("Code", "4521")
    somebody.presses("Create group")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    amina.dials("*384*77*4521#", "1", "1", "Amina", "1")
    somebody.presses("Send the first notice")
    somebody.types("Main text (all other languages)", "Tea at four")
    somebody.presses("Preview")
    somebody.presses("Send")
    expect(page.get_by_text("Sending to")).to_be_visible()
    amina.hears("Tea at four")
    page.goto(f"{address}/console/groups/4521/flows")
    somebody.goes_to("Start from a template")
    page.keyboard.press("ArrowDown")
    somebody.presses("Start")
    somebody.presses("Down Step 1")
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    somebody.presses("Delete Step 1")
    somebody.presses("Undo")
    expect(page.get_by_text("Step restored.")).to_be_visible()
    context.close()
