"""The page of phones, driven through Chromium as a person drives it: by keys, by labels, by what is read out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect, sync_playwright

from smsgate.gateways.simulator import PRICE
from smsgate.gsm import is_gsm7, segments, units
from smsgate.handsets import Handset
from smsgate.models import Group, Message
from smsgate.service import Service
from tests.browser import launch
from tests.network import HOOKS, Network, listening, network
from tests.people import work

pytestmark = pytest.mark.xdist_group("browser")

AMINA, JUMA, FATUMA = "+254711000001", "+254711000002", "+254711000003"
VOLATILE = {"sessionId", "id", "date", "durationInMillis"}
WORDS = (
    "",
    "Habari",
    "x" * 160,
    "x" * 161,
    "x" * 306,
    "x" * 307,
    "[" * 80,
    "[" * 81,
    "x" * 152 + "[" + "x" * 20,
    "’",
    "’" * 70,
    "’" * 71,
    "x" * 66 + "🙂" + "x" * 10,
    "ça va? été",
    "ñ à ß\n€",
    "\t",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def air(redis_url: str) -> Iterator[Network]:
    with network(redis_url) as made:
        yield made


@pytest.fixture
def page(air: Network, context: BrowserContext) -> Iterator[Page]:
    yield from opened(air.app, context)


def opened(app: Flask, context: BrowserContext) -> Iterator[Page]:
    """The page at the app; nothing may go wrong in its console."""
    wrong: list[str] = []
    with listening(app) as address:
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
        with page.expect_response("**/phone/air*"):
            page.goto(f"{address}/phone")
        yield page
        page.close()
    assert wrong == []


def phone(page: Page, label: str = "Member") -> Locator:
    return page.get_by_role("article", name=label, exact=True)


def screen(page: Page, label: str = "Member") -> Locator:
    return phone(page, label).get_by_role("group", name=f"Screen of {label}")


def dial(page: Page, code: str | None = None, label: str = "Member") -> None:
    if code is not None:
        phone(page, label).get_by_label("Code to dial").fill(code)
    phone(page, label).get_by_role("button", name="Call").click()


def answer(page: Page, words: str, label: str = "Member") -> None:
    field = phone(page, label).get_by_label("Your reply")
    field.fill(words)
    field.press("Enter")


def soon(true: Callable[[], bool], page: Page) -> None:
    """Wait until the other side has heard."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(50)
    pytest.fail("it never came true")


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


def test_the_focus_stays_in_the_line_when_its_keys_go(page: Page) -> None:
    dial(page)
    drop = phone(page).get_by_role("button", name="Drop the line")
    drop.focus()
    page.keyboard.press("Enter")
    expect(phone(page).get_by_label("Code to dial")).to_be_focused()


@pytest.mark.parametrize("bad", [(500, "boom"), (200, "CONFUSED"), (200, "")])
def test_what_is_no_answer_shows_the_operators_own_error(page: Page, air: Network, bad: tuple[int, str]) -> None:
    air.answers[""] = bad
    dial(page)
    expect(screen(page)).to_contain_text("Connection problem or invalid MMI code.")
    soon(lambda: [form["status"] for form in air.forms("ussd/end")] == ["Failed"], page)


def test_another_code_is_not_posted(page: Page, air: Network) -> None:
    dial(page, "*100#")
    expect(screen(page)).to_contain_text("invalid MMI code")
    assert air.posted == []


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


def test_texts_are_billed_marked_new_and_reported_once(page: Page, air: Network) -> None:
    air.simulator.send("x" * 161, [JUMA])
    texts = phone(page, "Responder one")
    expect(texts).to_contain_text(f"2 segments billed, KES {2 * PRICE:.2f} · delivered")
    expect(texts).to_contain_text("1 new")
    expect(page.get_by_text("New text for Responder one: xxx")).to_have_attribute("role", "status")
    expect(page.locator("#billed")).to_have_text("2")
    expect(page.locator("#cost")).to_have_text(f"KES {2 * PRICE:.2f}")
    texts.get_by_label("Text to the service").focus()
    expect(texts).not_to_contain_text("1 new")
    with page.expect_response("**/phone/air*"):
        page.reload()
    expect(texts).to_contain_text("2 segments billed")
    expect(texts).not_to_contain_text("1 new")
    assert [(form["status"], form["phoneNumber"]) for form in air.forms("delivery")] == [("Success", JUMA)]


def test_a_phone_that_is_off_reports_when_it_is_on_again(page: Page, air: Network) -> None:
    texts = phone(page, "Responder two")
    power = texts.get_by_role("switch", name="Power of Responder two")
    power.click()
    expect(power).to_have_attribute("aria-checked", "false")
    air.simulator.send("Are you there?", [FATUMA])
    expect(texts).to_contain_text("1 text waits until this phone is on.")
    expect(texts).not_to_contain_text("Are you there?")
    assert air.forms("delivery") == []
    power.click()
    expect(texts).to_contain_text("Are you there?")
    soon(lambda: len(air.forms("delivery")) == 1, page)


def test_a_report_that_was_not_taken_is_sent_again(page: Page, air: Network) -> None:
    air.answers["delivery"] = (503, "")
    air.simulator.send("Hello", [AMINA])
    expect(phone(page)).to_contain_text("delivered, not reported yet")
    air.answers["delivery"] = (200, "")
    expect(phone(page)).not_to_contain_text("not reported yet")


def test_texting_the_service(page: Page, air: Network) -> None:
    letter = phone(page).get_by_label("Text to the service")
    letter.fill("€" * 81)
    expect(phone(page)).to_contain_text("162 / 306 · 2 segments")
    letter.fill("STOP")
    air.answers["sms"] = (503, "")
    letter.press("Enter")
    expect(phone(page)).to_contain_text("Not taken (the service answered 503)")
    expect(letter).to_have_value("STOP")
    del air.answers["sms"]
    letter.press("Enter")
    expect(phone(page)).to_contain_text("1 segment, paid by this phone")
    expect(letter).to_have_value("")
    assert {form["text"] for form in air.forms("sms")} == {"STOP"}


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


def test_a_service_that_does_not_answer_is_said_kindly(page: Page) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503)

    page.route("**/phone/air*", fail)
    expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    page.unroute("**/phone/air*", fail)
    expect(page.get_by_text("Nothing is lost")).to_have_count(0)


def test_a_narrow_screen_shows_one_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    expect(phone(page)).to_be_visible()
    expect(phone(page, "Facilitator")).to_be_hidden()
    page.get_by_role("button", name="Facilitator").click()
    expect(phone(page, "Facilitator")).to_be_visible()
    expect(phone(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_that_can_be_used_has_a_name(page: Page) -> None:
    dial(page)
    expect(screen(page)).to_contain_text("1 Meetings")
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    named = page.get_by_role("main").aria_snapshot()
    unnamed = re.findall(
        r"^ *- (?:article|button|combobox|region|spinbutton|switch|textbox|toolbar)(?: \[.*\])?:?$", named, re.M
    )
    assert unnamed == []
    assert named.count("- textbox ") == 4 * 4  # the line, a text, whose phone, its number


def test_the_page_posts_what_the_handset_posts(page: Page, air: Network) -> None:
    air.answers["2"] = (200, "END Bye")
    dial(page, "*384*77*12#")
    answer(page, "1*")
    answer(page, "2")
    expect(screen(page)).to_contain_text("Session ended")
    phone(page).get_by_label("Text to the service").fill("Habari")
    phone(page).get_by_role("button", name="Send text").click()
    soon(lambda: bool(air.forms("sms")), page)
    air.simulator.send("Hello", [AMINA])
    soon(lambda: bool(air.forms("delivery")), page)
    by_page, air.posted = air.posted, []

    client = air.app.test_client()
    handset = Handset(lambda path, form: _told(client.post(HOOKS + path, data=form)), AMINA)
    handset.dials("*384*77*12#")
    handset.types("1*")
    handset.types("2")
    handset.texts("Habari")
    handset.reports("some id")
    assert [_steady(form) for form in by_page] == [_steady(form) for form in air.posted]


def _told(reply: object) -> tuple[int, str]:
    return getattr(reply, "status_code", 0), str(getattr(reply, "text", ""))


def _steady(posted: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    path, form = posted
    return path, {key: "…" if key in VOLATILE else value for key, value in form.items()}


def test_the_page_counts_as_the_service_counts(page: Page) -> None:
    counted = page.evaluate(
        """async (words) => {
            const gsm = await import("/phone/static/gsm.js");
            return words.map((one) => [gsm.isGsm7(one), gsm.units(one), gsm.segments(one)]);
        }""",
        list(WORDS),
    )
    assert counted == [[is_gsm7(one), units(one), segments(one)] for one in WORDS]


def test_every_character_counts_alike(page: Page) -> None:
    plane = [chr(code) for code in range(0x3000) if chr(code) != "\0"]
    counted = page.evaluate(
        """async (chars) => {
            const gsm = await import("/phone/static/gsm.js");
            return chars.map((one) => gsm.isGsm7(one) ? gsm.units(one) : 0);
        }""",
        plane,
    )
    assert counted == [units(one) if is_gsm7(one) else 0 for one in plane]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_real_service_answers_and_hears_the_report(
    app: Flask, service: Service, group: Group, context: BrowserContext
) -> None:
    for page in opened(app, context):
        dial(page)
        expect(screen(page)).to_contain_text("1 English")
        phone(page).get_by_label("Text to the service").fill("JOIN 4521")
        phone(page).get_by_role("button", name="Send text").click()
        expect(phone(page)).to_contain_text("paid by this phone")
        work(service)
        expect(phone(page)).to_contain_text("· delivered")
        with service.database.transaction() as session:
            assert [message.report for message in session.query(Message)] == ["Success"]
