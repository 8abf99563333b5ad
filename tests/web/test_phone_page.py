"""The simulated phone page in Chromium, used like a person: dialling, the screen, the phones themselves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.phone_browser import answer, dial, opened, phone, screen, soon
from tests.support.phone_network import Network

pytestmark = pytest.mark.xdist_group("phones in a browser")


@pytest.mark.by_night
def test_four_phones_stand_ready(page: Page) -> None:
    for label in ("Member", "Responder one", "Responder two", "Facilitator"):
        expect(phone(page, label).get_by_label("Code to dial")).to_have_value("*384*77#")
    expect(phone(page)).to_contain_text("+254 711 000 001")


def test_dialling_answering_and_the_end(page: Page, air: Network) -> None:
    air.answers["2"] = (200, "END Two people know.")
    dial(page)
    expect(screen(page)).to_contain_text("1 Meetings")
    expect(screen(page)).to_contain_text("In a session")
    answer(page, "2")
    expect(screen(page)).to_contain_text("Two people know.")
    expect(screen(page)).to_contain_text("Session ended")
    soon(lambda: bool(air.forms("ussd/end")), page)
    assert air.forms("ussd/end")[0]["status"] == "Success"
    expect(phone(page).get_by_role("button", name="Call")).to_be_visible()


def test_by_keyboard_alone(page: Page, air: Network) -> None:
    screen(page).focus()
    page.keyboard.type("*384*77*1234#")
    page.keyboard.press("Enter")
    expect(screen(page)).to_contain_text("In a session")
    page.keyboard.type("Am")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    soon(lambda: len(air.forms("ussd")) == 2, page)
    assert [form["text"] for form in air.forms("ussd")] == ["1234", "1234*A"]
    expect(screen(page)).to_be_focused()


@pytest.mark.by_night
def test_the_keypad_is_one_stop_and_the_arrows_go_over_it(page: Page) -> None:
    keypad = phone(page).get_by_role("toolbar", name="Keypad of Member")
    keypad.get_by_role("button", name="1").focus()
    for key in ("ArrowDown", "Space", "ArrowRight", "Enter", "9"):
        page.keyboard.press(key)
    expect(phone(page).get_by_label("Code to dial")).to_have_value("459")
    page.keyboard.press("Tab")
    expect(phone(page).get_by_role("region", name="Texts of Member")).to_be_focused()
    phone(page).get_by_role("button", name="Delete the last character").click()
    expect(phone(page).get_by_label("Code to dial")).to_have_value("45")


@pytest.mark.by_night
def test_the_line_drops_or_is_given_up(page: Page, air: Network) -> None:
    dial(page)
    phone(page).get_by_role("button", name="Drop the line").click()
    expect(screen(page)).to_contain_text("Connection lost")
    soon(lambda: [form["status"] for form in air.forms("ussd/end")] == ["Incomplete"], page)
    dial(page)
    expect(screen(page)).to_contain_text("1 Meetings")
    phone(page).get_by_role("button", name="Cancel").click()
    expect(screen(page)).to_contain_text("Session cancelled")


def test_an_answer_to_a_dropped_line_is_never_seen(page: Page, air: Network) -> None:
    held: list[Route] = []
    dial(page)
    expect(screen(page)).to_contain_text("1 Meetings")
    page.route("**/ussd", lambda route: held.append(route))
    answer(page, "1")
    soon(lambda: bool(held), page)
    phone(page).get_by_role("button", name="Drop the line").click()
    with page.expect_response("**/ussd"):
        held[0].continue_()
    expect(screen(page)).to_contain_text("Connection lost")
    expect(screen(page)).not_to_contain_text("1 Meetings")
    assert [form["text"] for form in air.forms("ussd")] == ["", "1"]
    assert [form["status"] for form in air.forms("ussd/end")] == ["Incomplete"]


@pytest.mark.by_night
def test_nothing_is_typed_while_the_service_is_waited_for(page: Page, air: Network) -> None:
    """Otherwise the answer would clear the field, and the reply would be lost silently."""
    held: list[Route] = []
    page.route("**/ussd", lambda route: held.append(route))
    dial(page)
    soon(lambda: bool(held), page)
    expect(screen(page)).to_contain_text("Waiting for the service")
    expect(phone(page).get_by_label("Code to dial")).not_to_be_editable()
    phone(page).get_by_role("toolbar", name="Keypad of Member").get_by_role("button", name="2").click()
    phone(page).get_by_role("button", name="Delete the last character").click()
    expect(phone(page).get_by_label("Code to dial")).to_have_value("*384*77#")
    held[0].continue_()
    answer(page, "2")
    soon(lambda: len(held) == 2, page)
    held[1].continue_()
    soon(lambda: len(air.forms("ussd")) == 2, page)
    assert air.forms("ussd")[1]["text"] == "2"


@pytest.mark.by_night
def test_the_focus_stays_in_the_line_when_its_keys_go(page: Page) -> None:
    dial(page)
    drop = phone(page).get_by_role("button", name="Drop the line")
    drop.focus()
    page.keyboard.press("Enter")
    expect(phone(page).get_by_label("Code to dial")).to_be_focused()


@pytest.mark.by_day(1)
@pytest.mark.parametrize("bad", [(500, "boom"), (200, "CONFUSED"), (200, "")])
def test_what_is_no_answer_shows_the_operators_own_error(page: Page, air: Network, bad: tuple[int, str]) -> None:
    air.answers[""] = bad
    dial(page)
    expect(screen(page)).to_contain_text("Connection problem or invalid MMI code.")
    soon(lambda: [form["status"] for form in air.forms("ussd/end")] == ["Failed"], page)


@pytest.mark.by_night
def test_another_code_is_not_posted(page: Page, air: Network) -> None:
    dial(page, "*100#")
    expect(screen(page)).to_contain_text("invalid MMI code")
    assert air.posted == []


def test_the_service_s_number_can_be_rung(page: Page, air: Network) -> None:
    dial(page, "22384")
    expect(screen(page)).to_contain_text("The number you have called is busy.")
    soon(lambda: [form["isActive"] for form in air.forms("voice")] == ["1", "0"], page)


@pytest.mark.by_night
def test_a_screen_too_long_is_cut_and_marked(page: Page, air: Network) -> None:
    air.answers |= {"": (200, "CON " + "a" * 160 + "LOST"), "2": (200, "CON It’s")}
    dial(page)
    expect(screen(page).get_by_role("status")).to_have_text(re.compile("^a{160}✂ cut here"))
    expect(screen(page)).to_contain_text("164 / 160 characters")
    expect(phone(page)).to_contain_text("Too long by 4: the operator cuts it here. Lost: “LOST”")
    answer(page, "2")
    expect(phone(page)).to_contain_text("Outside the phone alphabet, so some networks refuse it: ’")
    expect(screen(page)).to_contain_text("4 / 70 characters")


def test_the_operator_decides_how_much_a_screen_holds(page: Page, air: Network) -> None:
    air.answers[""] = (200, "CON " + "a" * 184)
    phone(page).get_by_label("Set up Member").click()
    phone(page).get_by_label("Operator and its screen").select_option("Airtel, 184")
    expect(phone(page).get_by_label("Characters on a screen")).to_have_value("184")
    phone(page).get_by_label("Whose phone").press("Escape")
    dial(page)
    expect(screen(page)).to_contain_text("184 / 184 characters")
    expect(screen(page).get_by_text("cut here")).to_be_hidden()
    assert air.forms("ussd")[0]["networkCode"] == "63903"


def test_a_session_times_out(air: Network, context: BrowserContext) -> None:
    context.clock.install()
    for page in opened(air.app, context):
        dial(page)
        expect(screen(page)).to_contain_text("1 Meetings")
        context.clock.run_for(179_000)
        expect(screen(page)).to_contain_text("In a session")
        assert screen(page).get_by_role("timer").get_attribute("aria-live") == "off"
        context.clock.run_for(2_000)
        expect(screen(page)).to_contain_text("Session timed out")
        soon(lambda: [form["status"] for form in air.forms("ussd/end")] == ["Incomplete"], page)


@pytest.mark.by_night
def test_phones_are_named_numbered_added_and_remembered(page: Page, air: Network) -> None:
    air.simulator.send("Hello", ["+254711000009"])
    page.get_by_role("button", name="Add a phone with +254711000009").click()
    added = phone(page, "Phone 5")
    expect(added).to_contain_text("Hello")
    added.get_by_label("Set up Phone 5").click()
    number = added.get_by_label("Number", exact=True)
    number.fill("0711000001")
    number.press("Tab")
    expect(added.get_by_role("alert")).to_contain_text("Member has this number already.")
    number.fill("0711 000 010")
    added.get_by_label("Whose phone").fill("Otieno")
    added.get_by_label("Whose phone").press("Tab")
    page.reload()
    expect(phone(page, "Otieno")).to_contain_text("+254 711 000 010")
    phone(page, "Otieno").get_by_label("Set up Otieno").click()
    phone(page, "Otieno").get_by_role("button", name="Remove this phone").click()
    expect(page.get_by_role("article")).to_have_count(4)


def test_a_narrow_screen_shows_one_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    expect(phone(page)).to_be_visible()
    expect(phone(page, "Facilitator")).to_be_hidden()
    page.get_by_role("button", name="Facilitator").click()
    expect(phone(page, "Facilitator")).to_be_visible()
    expect(phone(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.by_night
def test_everything_that_can_be_used_has_a_name(page: Page) -> None:
    dial(page)
    expect(screen(page)).to_contain_text("1 Meetings")
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    named = page.get_by_role("main").aria_snapshot()
    unnamed = re.findall(
        r"^ *- (?:article|button|combobox|region|spinbutton|switch|textbox|toolbar)(?: \[.*\])?:?$", named, re.M
    )
    assert unnamed == []
    assert named.count("- textbox ") == 4 * 4  # per phone: code, text, owner and number
