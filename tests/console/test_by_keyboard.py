"""The main stories with only a keyboard: Tab reaches everything in order, with visible focus and without traps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from smsgate.core.phone_numbers import masked
from tests.console.test_from_nothing import address, database_url
from tests.support.console import code_of
from tests.support.people import Phone

__all__ = ["address", "database_url"]

pytestmark = pytest.mark.xdist_group("console in a browser")
MOST_TABS = 90
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  return {tag: one.tagName, outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight};
}"""


@dataclass(frozen=True)
class Heard:
    """What a screen reader says of the element that has the focus, as the browser tells it."""

    name: str
    role: str
    description: str
    is_invalid: bool


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
            heard = self.hears()
            assert focused["outlined"], f"{heard} is not seen to have the focus"
            assert focused["inside"], f"{heard} has the focus and is not in view"
            assert heard.name, f"{heard} says nothing"
            assert heard.role not in ("generic", "none"), f"{heard} does not say what it is"
            self.passed.append(heard.name)
            if heard.name == name:
                return
            assert heard.name != before or focused["tag"] == "INPUT", f"{before!r} holds the focus"
            before = heard.name
        raise AssertionError(f"{name!r} is not reached: {self.passed[-MOST_TABS:]}")

    def hears(self) -> Heard:
        """What is said of the element that has the focus."""
        asked = self.page.context.new_cdp_session(self.page)
        one = asked.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]["objectId"]
        node = asked.send("Accessibility.getPartialAXTree", {"objectId": one, "fetchRelatives": False})["nodes"][0]
        asked.detach()
        said = {key: " ".join(node.get(key, {}).get("value", "").split()) for key in ("name", "role", "description")}
        states = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
        return Heard(**said, is_invalid=states.get("invalid", "false") != "false")

    def types(self, name: str, text: str) -> None:
        self.goes_to(name)
        self.page.keyboard.type(text)

    def opens(self, menu: str, name: str) -> None:
        """Open a menu of the header and press what is in it."""
        self.goes_to(menu)
        self.page.keyboard.press("Enter")
        self.presses(name)

    def presses(self, name: str | None) -> None:
        self.goes_to(name or "")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@contextmanager
def at_the_console(browser: Browser, address: str, phone: Phone, width: int) -> Iterator[Keyboard]:
    """Somebody signs in, from the address on."""
    context = browser.new_context(viewport={"width": width, "height": 700}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/console/sign-in")
    page.keyboard.type(phone.number)  # the focus is in the only field
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    page.keyboard.type(code_of(phone))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Groups", exact=True)).to_be_visible()
    yield Keyboard(page)
    context.close()


@pytest.mark.by_night
def test_from_nothing_to_a_notice_without_a_mouse(browser: Browser, address: str, otieno: Phone, amina: Phone) -> None:
    with at_the_console(browser, address, otieno, 390) as somebody:
        page = somebody.page
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


@pytest.mark.by_night
def test_meetings_settings_and_the_account_without_a_mouse(browser: Browser, address: str, otieno: Phone) -> None:
    with at_the_console(browser, address, otieno, 1280) as somebody:
        page = somebody.page
        somebody.types("Name", "Tumaini")
        somebody.types("Code", "4521")
        somebody.presses("Create group")
        _plans_changes_and_cancels(somebody)
        _repeats(somebody)
        somebody.presses("Settings")
        somebody.types("Quiet hours from", "0900PM")
        somebody.presses("Save texts")
        expect(page.get_by_role("status").first).to_be_visible()
        somebody.opens(masked(otieno.number), "Your account")
        somebody.types("Name shown to other leaders", "Otieno K")
        somebody.presses("Save")
        expect(page.get_by_role("heading", name="Otieno K")).to_be_visible()
        somebody.presses("Set up")
        somebody.goes_to("Six digits")
        somebody.presses("Cancel")
        page.goto(f"{address}/console/groups/4521/settings")
        somebody.presses("Close this group")
        somebody.types("Type the group's name to close it", "Tumaini")
        somebody.presses("Close group")
        somebody.opens("Otieno K", "Sign out")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _plans_changes_and_cancels(somebody: Keyboard) -> None:
    page = somebody.page
    somebody.presses("Meetings")
    somebody.presses("Next month")
    somebody.presses(page.get_by_role("link", name=re.compile("^Plan a meeting on")).first.get_attribute("aria-label"))
    somebody.types("Time", "0200PM")
    somebody.types("Topic or guest", "Tea")
    somebody.presses("Plan meeting")
    expect(page.get_by_text("Meeting planned.")).to_be_visible()
    somebody.types("Topic or guest", "Coffee")
    somebody.presses("Preview the message")
    somebody.presses("Save changes")
    somebody.presses("Cancel meeting…")
    somebody.presses("Cancel meeting")
    expect(page.get_by_text("cancelled").first).to_be_visible()


def _repeats(somebody: Keyboard) -> None:
    page = somebody.page
    somebody.presses("Meetings")
    somebody.presses("Add a repeating meeting")
    somebody.goes_to("Thu")
    page.keyboard.press("Space")
    somebody.types("Time", "0400PM")
    somebody.presses("Preview dates")
    somebody.presses("Add repeating meeting")
    expect(page.get_by_text("16:00").first).to_be_visible()


@pytest.mark.by_night
def test_what_is_wrong_is_heard_first_and_again_at_its_field(browser: Browser, address: str, otieno: Phone) -> None:
    with at_the_console(browser, address, otieno, 390) as somebody:
        somebody.types("Name", "Tumaini")
        somebody.types("Code", "4521")
        somebody.presses("Create group")
        somebody.presses("Meetings")
        somebody.presses("Plan a meeting")
        somebody.presses("Plan meeting")
        assert "Nothing saved yet." in somebody.page.locator(":focus").inner_text()
        somebody.goes_to("Day")
        heard = somebody.hears()
        assert heard.is_invalid
        assert heard.description == somebody.page.locator("#day-wrong").inner_text()
        somebody.page.goto(f"{address}/console/groups/4521/settings")
        for language in ("English", "Kiswahili", "Français"):
            somebody.goes_to(language)
            somebody.page.keyboard.press("Space")
        somebody.presses("Save the group")
        faulty = somebody.page.locator("fieldset.faulty")
        described = str(faulty.get_attribute("aria-describedby")).split()
        assert faulty.locator(".error").get_attribute("id") in described
