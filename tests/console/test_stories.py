"""Stories in the console in Chromium, from sign-in to the text on a phone, and over a bad connection.

Each story saves screenshots of its pages in `var/screenshots`, for people to look at; they are not committed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from smsgate.core.i18n import CONSOLE, translations
from smsgate.groups import groups, invitations
from smsgate.models import AuditEntry, CustomText, Group, Invitation, Meeting, Notice, Role
from smsgate.service import Service
from tests.support.console import leads, original
from tests.support.console_browser import signs_in
from tests.support.people import Phone
from tests.support.phone_network import listening
from tests.support.stories import joins

pytestmark = pytest.mark.xdist_group("console in a browser")
PICTURES = Path("var/screenshots")
HERE = "/console/groups/4521"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Use SQLite only: what a page does in a browser doesn't depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def address(app: Flask, service: Service, group: Group, amina: Phone) -> Iterator[str]:
    joins(amina)
    leads(service, amina, group, Role.ADMIN)
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), None, service.now())
    with listening(app) as listened:
        yield listened


@pytest.fixture
def page(context: BrowserContext, address: str, amina: Phone, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield the admin's browser, signed in; at the end, take a picture of the last page."""
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    signs_in(page, address, amina)
    yield page
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def says(language: str, text: str) -> str:
    """Return a sentence of the console in a language."""
    return translations(language, CONSOLE).gettext(text)


def speaks(page: Page, language: str, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.by_night
def test_a_group_takes_in_whom_it_wants_and_welcomes_them(page: Page, address: str, juma: Phone) -> None:
    page.goto(f"{address}{HERE}/settings")
    page.get_by_label("A leader approves each person").check()
    page.get_by_label("English").last.fill("Karibu. We meet by the old tree.")
    page.get_by_role("button", name="Save joining").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    juma.dials("*384*77*4521#")
    juma.picks("English", "Join", "No name")
    juma.types("1")
    juma.sees("You have asked.")
    page.goto(f"{address}{HERE}/asking")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("No requests now.")).to_be_visible()
    juma.hears("has let you in")
    juma.dials()
    juma.picks("Groups", "Tumaini")


@pytest.mark.by_night
def test_a_text_in_the_group_s_words_in_french(page: Page, address: str, juma: Phone) -> None:
    joins(juma)
    speaks(page, "fr", "Français")
    page.goto(f"{address}{HERE}")
    page.get_by_role("link", name=says("fr", "Phone texts"), exact=True).click()
    page.get_by_label(says("fr", "Find a text")).fill("My people")
    page.get_by_role("button", name=says("fr", "Find"), exact=True).click()
    page.locator("main .said-screens a").first.click()
    words = page.get_by_label(says("fr", "Your text"), exact=True)
    words.fill("Ma thérapie")
    expect(page.locator("#look .error")).to_contain_text("thérapie")
    words.fill("Mon cercle")
    expect(page.locator("#look .handset", has_text=re.compile("^Mon cercle$"))).to_be_visible()
    page.get_by_role("button", name=says("fr", "Save")).click()
    expect(page.locator(".note.done[role=status]")).to_be_visible()
    juma.dials()
    juma.picks("Settings", "Language", "Francais")
    juma.dials()
    juma.sees("4 Mon cercle")


@pytest.mark.by_night
def test_a_flow_from_the_first_step_to_the_answer(page: Page, address: str, juma: Phone) -> None:
    joins(juma)
    speaks(page, "sw", "Kiswahili")
    page.goto(f"{address}{HERE}/flows")
    page.locator("form select").first.select_option("topics")
    page.get_by_role("button", name=says("sw", "Start")).first.click()
    page.get_by_role("button", name=says("sw", "Publish")).click()
    expect(page.locator(".note.done[role=status]")).to_be_visible()
    page.locator("input[name=code]").fill("712")
    page.locator("form:has(input[name=code]) button").last.click()
    expect(page.get_by_text("*384*77*712#").first).to_be_visible()
    juma.dials("*384*77*712#", "5", "Gardens")
    juma.sees("Thank you.")
    page.locator("main").get_by_role("link", name=says("sw", "Answers")).first.click()
    expect(page.get_by_text("Gardens")).to_be_visible()


@pytest.mark.by_night  # by day: tests/console/test_from_nothing.py
def test_a_flow_is_written_tried_mended_and_dialled_in_kiswahili(page: Page, address: str, juma: Phone) -> None:
    joins(juma)
    juma.dials()
    juma.picks("Settings", "Language", "Kiswahili")
    speaks(page, "sw", "Kiswahili")
    here = page.locator("main")
    page.goto(f"{address}{HERE}/flows")
    page.get_by_role("button", name=says("sw", "Start")).first.click()
    here.get_by_role("link", name=says("sw", "Multiple choice")).click()
    page.locator("[name=text_sw]").fill("Tunywe dawa ya chai?")
    page.locator("[name=label_1_sw]").fill("Ndiyo")
    page.locator("[name=label_2_sw]").fill("Hapana")
    page.locator("[name=as]").fill("chai")
    here.get_by_role("button", name=says("sw", "Save")).click()
    expect(here.get_by_text(says("sw", "to fix"))).to_be_visible()  # "dawa" is a medical word
    expect(here.get_by_role("button", name=says("sw", "Publish"))).to_have_count(0)
    here.get_by_role("link", name=re.compile(says("sw", "Change"))).first.click()
    page.locator("[name=text_sw]").fill("Tunywe chai?")
    here.get_by_role("button", name=says("sw", "Save")).click()
    expect(page.locator("#phone")).to_contain_text("1 Ndiyo")
    page.locator("#key").fill("1")
    here.get_by_role("button", name=says("sw", "Send"), exact=True).click()
    expect(page.locator("#phone")).to_contain_text("Asante")
    here.get_by_role("button", name=says("sw", "Publish")).click()
    expect(page.locator(".note.done[role=status]")).to_be_visible()
    page.locator("input[name=code]").fill("713")
    page.locator("form:has(input[name=code]) button").last.click()
    juma.dials("*384*77*713#")
    juma.sees("Tunywe chai?", "1 Ndiyo")
    juma.types("2")
    juma.sees("Asante")
    here.get_by_role("link", name=says("sw", "Answers")).first.click()
    expect(here.get_by_text("Hapana").first).to_be_visible()


@pytest.mark.by_night
def test_somebody_is_invited_and_joins(page: Page, address: str, juma: Phone, service: Service) -> None:
    page.goto(f"{address}{HERE}/invitations")
    page.locator("input[name=number]").fill(juma.number)
    page.locator("form:has(input[name=number]) button").first.click()
    expect(page.locator(".note").first).to_be_visible()
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), service.settings.service_code)  # as in each scheduler run
    juma.hears("You are invited", "4521")
    joins(juma)
    juma.dials()
    juma.sees("1 Send my help text")


@pytest.mark.by_night
def test_a_meeting_is_planned_looked_at_and_told(page: Page, address: str, juma: Phone, service: Service) -> None:
    joins(juma)
    page.goto(f"{address}{HERE}/meetings")
    page.get_by_role("link", name=re.compile("Plan", re.IGNORECASE)).first.click()
    day = (service.now() + timedelta(days=9)).date()
    page.locator("input[type=date]").first.fill(day.isoformat())
    page.locator("input[type=time]").first.fill("15:00")
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("15:00")
    juma.dials()
    juma.picks("Meetings")
    juma.sees("15:00")
    page.get_by_label("Time", exact=True).fill("16:30")
    page.get_by_role("button", name="Preview the message").click()
    expect(page.get_by_text("Fewer than 5 people get it")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    juma.hears("16:30")
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 1


@pytest.mark.by_night
def test_what_a_member_wrote_back_is_read_and_answered(page: Page, address: str, service: Service, juma: Phone) -> None:
    joins(juma)
    with service.database.transaction() as session:
        session.scalars(select(Group)).one().replies_allowed = True
    page.goto(f"{address}{HERE}/notices/new")
    page.get_by_label("Main text (all other languages)").fill("Who brings tea?")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending to")).to_be_visible()
    juma.hears("Who brings tea?")
    juma.texts("I bring it <b>gladly</b>")
    page.get_by_role("link", name="Replies").click()
    expect(page.get_by_text("I bring it <b>gladly</b>")).to_be_visible()
    expect(page.get_by_text(juma.number)).to_have_count(0)
    page.get_by_text("Answer", exact=True).click()
    page.get_by_label("Your answer, by SMS").fill("Thank you for the tea")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("answered")).to_be_visible()
    juma.hears("Thank you for the tea")


# A bad connection: a click arrives twice, or its response never comes.


@pytest.mark.by_night
def test_the_answer_is_lost_and_it_is_pressed_again(page: Page, address: str, service: Service, juma: Phone) -> None:
    joins(juma)
    page.goto(f"{address}{HERE}/notices/new")
    page.get_by_label("Main text (all other languages)").fill("Tea at four")
    page.get_by_role("button", name="Preview").click()
    loses_the_next_answer(page)
    looked_at = page.url
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("chrome-error://**")
    page.goto(looked_at)
    expect(page.get_by_text("Tea at four").first).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_have_count(0)  # the notice was sent
    juma.hears("Tea at four")
    juma.hears_nothing_new()
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 1


@pytest.mark.by_night
def test_words_that_never_arrived_are_still_there(page: Page, address: str, service: Service) -> None:
    one = original("My people")
    path = f"{address}{HERE}/texts/en/{one.key}"
    page.goto(path)
    page.get_by_label("Your text").fill("My circle")
    page.route(re.compile("/texts/"), lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("chrome-error://**")
    page.unroute_all()
    page.goto(path)
    expect(page.get_by_label("Your text")).not_to_have_value("My circle")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Your text")).to_have_value("My circle")
    loses_the_next_answer(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("chrome-error://**")
    page.goto(path)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note").first).to_be_visible()
    with service.database.reading() as session:
        assert [row.words for row in session.scalars(select(CustomText))] == [["My circle"]]
        assert (
            session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.what == "text_reworded")) == 1
        )


@pytest.mark.by_night
def test_without_a_line_the_page_says_so_and_keeps_what_is_typed(page: Page, address: str, service: Service) -> None:
    page.goto(f"{address}{HERE}/invitations")
    page.locator("input[name=number]").fill("0711000099")
    page.context.set_offline(True)
    press = page.locator("form:has(input[name=number]) button").first
    press.click()
    expect(page.get_by_role("alert")).to_contain_text("You’re offline.")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("input[name=number]")).to_have_value("0711000099")
    page.reload()
    expect(page.locator("input[name=number]")).to_have_value("")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("input[name=number]")).to_have_value("0711000099")
    page.locator("form:has(input[name=number]) button").first.click()
    expect(page.locator(".note.done, .note.wait").first).to_be_visible()
    expect(page.locator("input[name=number]").first).to_have_value("")
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Invitation)) == 1


def loses_the_next_answer(page: Page) -> None:
    """Let the service receive and carry out the next form, but lose its answer on the way to the browser."""

    gone: list[int] = []

    def lost(route: Route) -> None:
        if gone or route.request.method != "POST":
            route.continue_()
            return
        gone.append(route.fetch(max_redirects=0).status)
        route.abort()

    page.route("**/*", lost)
