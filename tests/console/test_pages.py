"""Console pages in Chromium: accessibility with axe, page weight, and a story from sign-in to the phone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from smsgate.groups import groups
from smsgate.groups.imports import number_imports
from smsgate.matching import counts, programmes, waiting
from smsgate.matching.counts import Count
from smsgate.matching.wishes import Wishes
from smsgate.models import Group, Programme, ProgrammeRole, Role
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from smsgate.web.console.accounts import login
from tests.support.console import code_of, leads, looks_after_the_network
from tests.support.console_browser import signs_in
from tests.support.people import Phone
from tests.support.phone_network import listening
from tests.support.stories import joins
from tests.support.walks import hands_out_cards, makes_programme, member_of

pytestmark = pytest.mark.xdist_group("console in a browser")
BROUGHT = "performance.getEntriesByType('resource').map((one) => one.decodedBodySize)"
HEAVIEST = 60_000  # bytes on the wire, including everything that the page loads
SETTLED = "Promise.all(document.getAnimations().map((one) => one.finished))"  # colours fade in and out
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")  # light last: later steps see the page in it
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Use SQLite only: what a page looks like doesn't depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "smsgate.sqlite")
    return f"sqlite:///{tmp_path / 'smsgate.sqlite'}"


@pytest.fixture
def address(app: Flask, service: Service, group: Group, amina: Phone, juma: Phone) -> Iterator[str]:
    joins(amina)
    joins(juma)
    leads(service, amina, group, Role.ADMIN)
    looks_after_the_network(service, amina)
    with service.database.transaction() as session:
        here = session.get_one(Group, group.id)
        groups.set_quiet_hours(session, here, None, service.now())
        one = surveys.create(
            session, here, parse_definition(yaml_files.load(yaml_files.library()["topics"])), service.now()
        )
        surveys.publish(session, one, None, service.now())
    _one_to_one(service, amina, juma)
    with listening(app) as listened:
        yield listened


def _brings_a_long_file(service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        here = session.get_one(Group, group.id)
        number_imports.begin(session, here, b"0711000001\n" * 9_000, "en", service.now())


def _one_to_one(service: Service, coordinator: Phone, person: Phone) -> None:
    """Create a programme with someone who waits, a supporter and a coordinator."""
    programme = makes_programme(service)
    hands_out_cards(service, programme)
    with service.database.transaction() as session:
        mine, now = session.get_one(Programme, programme.id), service.now()
        for role in ProgrammeRole:
            code = programmes.offer(session, mine, role, now)
            programmes.accept(session, member_of(session, coordinator), code, now)
        waiting.ask(session, member_of(session, person), mine, Wishes(("English",), None, "phone", ("1",)), now)
        counts.add(session, mine, Count.ASKED, now, 7)


def pages_of(page: Page, address: str) -> list[str]:
    """Return the first pages and everything that they link to."""
    found = ["/console/", "/console/me", "/console/groups/4521"]
    for start in [*found]:
        page.goto(f"{address}{start}")
        found += page.eval_on_selector_all("a[href^='/console']", "all => all.map((one) => one.getAttribute('href'))")
    extra = [
        "notices/new",
        "flows/1",
        "flows/1/answers",
        "flows/1/steps/0",
        "flows/1/steps/3?kind=ask",
        "invitations/file/1",
    ]
    found += [f"/console/groups/4521/{one}" for one in extra]
    ours = [
        "",
        "/waiting",
        "/waiting/1",
        "/waiting/1/1",
        "/matches",
        "/cards",
        "/cards/1",
        "/counts",
        "/rules",
        "/close",
    ]
    found += [f"/console/programmes/1{one}" for one in ours] + ["/console/programmes/new"]
    return sorted({one.partition("#")[0] for one in found if "/language/" not in one})


SHARES = 16  # parts of the pages; one part is checked by day


@pytest.mark.parametrize(
    "share", [pytest.param(number, marks=[pytest.mark.by_night] if number else []) for number in range(SHARES)]
)
def test_axe_finds_nothing_and_no_page_is_heavy(
    browser: Browser, address: str, amina: Phone, service: Service, group: Group, share: int
) -> None:
    own = browser.new_context(color_scheme="light", viewport={"width": 390, "height": 800})
    page = own.new_page()
    page.goto(f"{address}/console/sign-in")
    wrong = {"sign-in": faults(page)}
    signs_in(page, address, amina)
    _brings_a_long_file(service, group)
    weights: dict[str, int] = {}
    for path in pages_of(page, address)[share::SHARES]:
        answer = page.goto(f"{address}{path}")
        assert answer
        assert answer.status == 200, path
        wrong[path] = faults(page)
        weights[path] = len(answer.body()) + sum(page.evaluate(BROUGHT))
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} scrolls sideways"
    own.close()
    assert {path: found for path, found in wrong.items() if found} == {}
    assert len(weights) > 1
    assert {path: weight for path, weight in weights.items() if weight > HEAVIEST} == {}


def faults(page: Page) -> list[str]:
    """Return what axe finds in the dark and light schemes, without reloading the page."""
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLED)
        wrong = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
        found += [f"{scheme}, {one['id']}: {json.dumps(one['nodes'][0]['target'])}" for one in wrong]
    return found


@pytest.mark.by_night
def test_from_the_sign_in_to_the_message_on_the_phone(
    context: BrowserContext,
    address: str,
    amina: Phone,
    juma: Phone,
) -> None:
    page = context.new_page()
    signs_in(page, address, amina)
    page.get_by_role("link", name="Tumaini").click()
    page.get_by_role("link", name="Notices").click()
    page.get_by_role("link", name="Write a notice").click()
    page.get_by_label("Main text (all other languages)").fill("Tea at four \N{SMILING FACE WITH SMILING EYES}")
    expect(page.get_by_text("13 characters, 1 SMS")).to_be_visible()
    expect(page.get_by_text("costs more")).to_be_visible()
    page.get_by_label("Main text (all other languages)").fill("Tea at four")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending to")).to_be_visible()
    juma.hears("Tea at four")


@pytest.mark.by_night
def test_a_notice_is_counted_while_it_is_typed_as_it_will_be_sent(page: Page, address: str, amina: Phone) -> None:
    signs_in(page, address, amina)
    page.goto(f"{address}/console/groups/4521/notices/new")
    area = page.locator("textarea[data-count]").first
    counted = page.locator("p.counted").first
    for typed, told in (
        ("Habari", "6 characters, 1 SMS"),
        ("Fri\u00adday\u200b ﬁne – Łukasz №", "23 characters, 1 SMS"),
        (
            "ж" * 62 + "👩‍👩‍👧" + "ж" * 60,
            "127 characters, 3 SMS. With ж an SMS holds only 70 characters and costs more",
        ),
        ("come 👍🏽 ŋ", "9 characters, 1 SMS. With 👍🏽 an SMS holds only 70 characters and costs more"),
        ("x" * 161, "161 characters, 2 SMS"),
    ):
        area.fill(typed)
        expect(counted).to_have_text(told)


@pytest.mark.by_night
def test_in_kiswahili_and_what_was_typed_survives_an_ended_sign_in(
    context: BrowserContext,
    address: str,
    amina: Phone,
    service: Service,
) -> None:
    page = context.new_page()
    signs_in(page, address, amina)
    page.get_by_role("link", name="Kiswahili").click()
    page.goto(f"{address}/console/groups/4521/notices/new")
    page.get_by_label("Maandishi makuu (lugha nyingine zote)", exact=True).fill("Chai saa kumi")
    with service.database.transaction() as session:
        login.end_sessions(session, 1, service.now())
    page.get_by_role("button", name="Hakiki").click()
    expect(page.get_by_text("Hakuna kilichotumwa")).to_be_visible()
    page.get_by_label("Namba yako ya simu").fill(amina.number)
    page.get_by_role("button", name="Tuma msimbo").click()
    page.get_by_label("Msimbo wako").fill(code_of(amina))
    page.get_by_role("button", name="Ingia").click()
    page.get_by_role("button", name="Rudisha").click()
    expect(page.get_by_label("Maandishi makuu (lugha nyingine zote)", exact=True)).to_have_value("Chai saa kumi")


@pytest.mark.by_night
def test_the_progress_of_a_file_follows_it_and_leads_on(
    page: Page, address: str, amina: Phone, service: Service, group: Group
) -> None:
    """With JavaScript nobody has to press anything; without it, the page reloads itself."""
    signs_in(page, address, amina)
    _brings_a_long_file(service, group)
    page.goto(f"{address}/console/groups/4521/invitations/file/1")
    expect(page.get_by_text("Reading line 0 of 9000.")).to_be_visible()
    number_imports.work_on_next(service.database, service.settings.countries, service.now())
    expect(page.get_by_text("Reading line 2500 of 9000.")).to_be_visible(timeout=15_000)
    while number_imports.work_on_next(service.database, service.settings.countries, service.now()):
        pass
    expect(page.get_by_role("heading", name="Check before inviting")).to_be_visible(timeout=15_000)
