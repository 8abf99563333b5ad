"""The whole story on the simulated phone page in Chromium, against the real service with a worker for each lane."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.models import Lane
from smsgate.outbox import queues
from smsgate.service import wire
from tests.support.phone_browser import answer, dial, opened, phone, screen
from tests.support.waiting import PATIENCE, PATIENT

pytestmark = pytest.mark.xdist_group("phones in a browser")
JUMA = "Responder one"


@pytest.fixture
def workers(settings: Settings) -> Iterator[None]:
    """Run `smsgate worker LANE` in a process for each lane."""
    env = os.environ | {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    env |= {"SMSGATE_KEYS": settings.keys[0], "SMSGATE_HOOK_TOKENS": settings.hook_tokens[0]}
    env |= {"SMSGATE_GATEWAY": settings.gateway}
    started = [
        subprocess.Popen([sys.executable, "-m", "smsgate", "worker", queue], env=env, stderr=subprocess.DEVNULL)
        for queue in (queues.INBOUND, *Lane)
    ]
    yield
    for process in started:
        process.terminate()
    assert [process.wait(PATIENCE) for process in started] == [0] * len(started)


@pytest.fixture
def page(settings: Settings, workers: None, context: BrowserContext) -> Iterator[Page]:
    context.set_default_timeout(30_000)
    service = wire(replace(settings, metrics_token=""), limits=PATIENT)
    with service.database.transaction() as session:
        groups.create(session, "Tumaini", "Africa/Nairobi", service.now(), code="4521", listed=True)
    yield from opened(create_app(service), context)
    service.close()


def says(page: Page, *answers_and_screens: str) -> None:
    """Type answers, and check what the screen says after each."""
    for said, shown in zip(answers_and_screens[::2], answers_and_screens[1::2], strict=True):
        answer(page, said)
        expect(screen(page)).to_contain_text(shown)


def texts(page: Page, words: str, label: str) -> None:
    phone(page, label).get_by_label("Text to the service").fill(words)
    phone(page, label).get_by_role("button", name="Send text").click()


def calls(page: Page, shown: str) -> None:
    dial(page)
    expect(screen(page)).to_contain_text(shown)


@pytest.mark.by_night
def test_joining_and_sending_a_help_text(page: Page) -> None:
    dial(page, "*384*77*4521#")
    expect(screen(page)).to_contain_text("1 English")
    says(page, "1", "1 Join", "1", "What name", "Amina", "Join Tumaini?", "1", "You've joined Tumaini")
    calls(page, "4 My people")
    says(
        page,
        "4",
        "Add a person",
        "1",
        "phone number",
        "0711000002",
        "What do you call",
        "Juma",
        "They'll see",
        "1",
        "We've asked them.",
    )
    expect(phone(page, JUMA)).to_contain_text("may they text you")
    texts(page, "1", JUMA)
    expect(phone(page, JUMA)).to_contain_text("Answer if you can")
    calls(page, "1 Send my help text")
    says(page, "1", "Send your help text to 1 person?", "2", "on its way to 1 person")
    expect(phone(page, JUMA)).to_contain_text("Please get in touch with me")
    texts(page, "OK", JUMA)
    expect(phone(page)).to_contain_text("Juma is helping.")
    calls(page, "1 See who answered")
    says(page, "1", "Juma: helping", "2", "Good to hear")
    expect(phone(page, JUMA)).to_contain_text("I am fine now")


# What is shown before and after each step of the page's own story.
STEPS = (
    ("Member", "You've joined"),
    ("Member", "We've asked them."),
    ("may they text you", "Answer if you can"),
    ("Member", "on its way"),
    ("Please get in touch", "Amina"),
    ("Juma is helping", "START"),
)


@pytest.mark.by_night  # by day: joining and sending a help text, above
def test_the_story_on_the_page_is_what_happens(page: Page) -> None:
    page.set_viewport_size({"width": 1400, "height": 1000})
    for field in page.get_by_label("Text to the service").all():
        expect(field).to_be_in_viewport(ratio=1)
    steps = page.locator("#story li").all()
    expect(steps[0]).to_be_in_viewport(ratio=1)
    assert "*384*77*4521#" in steps[0].inner_text()
    for step, (awaited, shown) in zip(steps, STEPS, strict=True):
        label = str(step.get_attribute("data-on"))
        expect(phone(page, label)).to_contain_text(awaited)
        for typed in step.locator("kbd").all_inner_texts():
            if step.get_attribute("data-texts") is not None:
                texts(page, typed, label)
                expect(phone(page, label).locator(".thread li.out").last).to_contain_text(typed)
            elif typed.startswith("*"):
                dial(page, typed, label)
                expect(phone(page, label).get_by_label("Your reply")).to_be_visible()
            else:
                turns = page.locator("#turns").inner_text()
                answer(page, typed, label)
                expect(page.locator("#turns")).not_to_have_text(turns)
        expect(phone(page, label)).to_contain_text(shown)
