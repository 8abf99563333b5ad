"""Texts on the simulated phone page, which posts and counts exactly like the Python side."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from werkzeug.test import TestResponse

from smsgate.core.gsm7 import is_gsm7, segments, units
from smsgate.gateways.handset import Handset
from smsgate.gateways.simulator import PRICE
from smsgate.models import Group, Message
from smsgate.service import Service
from tests.support.people import Clock, work
from tests.support.phone_browser import answer, dial, opened, phone, screen, soon
from tests.support.phone_network import HOOKS, Form, Network

pytestmark = pytest.mark.xdist_group("phones in a browser")

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
    "ж" * 62 + "👩‍👩‍👧" + "ж" * 60,
    "ж" * 65 + "🇰🇪👍🏽" + "ж" * 63 + "1️⃣",
    "\U0001f468" + "\u200d\U0001f468" * 30,
    "ça va? été",
    "ñ à ß\n€",
    "\t",
)


@pytest.mark.by_night
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


@pytest.mark.by_night
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


@pytest.mark.by_night
def test_a_report_that_was_not_taken_is_sent_again(page: Page, air: Network) -> None:
    air.answers["delivery"] = (503, "")
    air.simulator.send("Hello", [AMINA])
    expect(phone(page)).to_contain_text("delivered, not reported yet")
    air.answers["delivery"] = (200, "")
    expect(phone(page)).not_to_contain_text("not reported yet")


@pytest.mark.by_night
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


@pytest.mark.by_night
def test_a_service_that_does_not_answer_is_said_kindly(page: Page) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503)

    page.route("**/phone/air*", fail)
    expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    page.unroute("**/phone/air*", fail)
    expect(page.get_by_text("Nothing is lost")).to_have_count(0)


@pytest.mark.by_night
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


def _told(reply: TestResponse) -> tuple[int, str]:
    return reply.status_code, reply.text


def _steady(posted: tuple[str, Form]) -> tuple[str, Form]:
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


@pytest.mark.by_night
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
    app: Flask, service: Service, group: Group, context: BrowserContext, clock: Clock
) -> None:
    clock.time = datetime.now(UTC)  # browsers date their texts by the real clock
    for page in opened(app, context):
        dial(page)
        expect(screen(page)).to_contain_text("1 English")
        phone(page).get_by_label("Text to the service").fill("JOIN 4521")
        phone(page).get_by_role("button", name="Send text").click()
        expect(phone(page)).to_contain_text("paid by this phone")
        until = time.monotonic() + 30
        while "· delivered" not in phone(page).inner_text() and time.monotonic() < until:
            work(service)
            page.wait_for_timeout(100)
        expect(phone(page)).to_contain_text("· delivered")
        work(service)
        with service.database.transaction() as session:
            assert [message.report for message in session.query(Message)] == ["Success"]
