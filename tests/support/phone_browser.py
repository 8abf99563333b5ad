"""The page of phones in a browser, with locators by label, by role and by what a screen reader announces."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.support.browser import launch
from tests.support.phone_network import Network, listening, network
from tests.support.waiting import PATIENCE

MILLISECONDS = 1000 * PATIENCE
expect.set_options(timeout=MILLISECONDS)  # an upper bound: it waits no longer than it has to


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    opened.set_default_timeout(MILLISECONDS)
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
    """Yield the page of phones; fail at the end if the browser's console had an error."""
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
    """Wait until it is true, while the page goes on; fail if that takes too long."""
    for _ in range(int(MILLISECONDS / 50)):
        if true():
            return
        page.wait_for_timeout(50)
    pytest.fail("it never came true")
