"""Takes the pictures of `docs/` from the running service: `python -m tests.support.pictures`, or `make pictures`.

It starts `smsgate run` in an empty folder on a free port, plays the README's story in a browser, and takes screenshots
of the phones and the console.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.support.browser import launch
from tests.support.people import TYPING
from tests.support.waiting import PATIENCE, eventually

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
LEADER = "0711000004"  # of the demo group, and an admin of the network
MEMBER, RESPONDER = "Member", "Responder one"
GROUP = "4521"


def main(folder: Path = PICTURES) -> None:
    """Take all pictures."""
    with running() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(300 * PATIENCE)
        expect.set_options(timeout=300 * PATIENCE)
        phones = context.new_page()
        phones.goto(f"{address}/phone")
        live_through_the_story(phones)
        take_two_phones(phones, folder / "phone.png")
        console = context.new_page()
        console.set_viewport_size({"width": 900, "height": 640})
        show_the_console(console, phones, address, folder)
        browser.close()


@contextmanager
def running() -> Iterator[str]:
    """Run the whole service in its own processes and yield its address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        env = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_KEYS", "_TOKENS"))}
        env |= {"PORT": str(port), "PYTHONPATH": str(ROOT), "SMSGATE_GATEWAY": "simulator"}
        service = subprocess.Popen([sys.executable, "-m", "smsgate", "run"], cwd=folder, env=env)
        try:
            eventually(lambda: answers(f"http://127.0.0.1:{port}/health"), every=0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(PATIENCE)


def answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5):
        return True
    return False


def phone(page: Page, label: str) -> Locator:
    return page.get_by_role("article", name=label, exact=True)


def dials(page: Page, code: str, *keys: str) -> None:
    """Let the member dial, and answer one screen after the other."""
    member = phone(page, MEMBER)
    member.get_by_label("Code to dial").fill(code)
    member.get_by_role("button", name="Call").click()
    screen = member.get_by_role("group", name=f"Screen of {MEMBER}")
    for key in keys:
        before = screen.inner_text()
        field = member.get_by_label("Your reply")
        field.fill(key)
        field.press("Enter")
        expect(screen).not_to_have_text(before)


def texts(page: Page, label: str, words: str) -> None:
    page.wait_for_timeout(TYPING.total_seconds() * 1000)  # an earlier text would not count as an answer
    letter = phone(page, label).get_by_label("Text to the service")
    letter.fill(words)
    letter.press("Enter")


def live_through_the_story(page: Page) -> None:
    """Play the story: Amina joins, chooses Juma and sends her help text; he answers."""
    dials(page, f"*384*77*{GROUP}#", "1", "1", "Amina", "1")
    dials(page, "*384*77#", "4", "1", "0711000002", "Juma", "1")
    expect(phone(page, RESPONDER)).to_contain_text("Reply 1")
    texts(page, RESPONDER, "1")
    expect(phone(page, RESPONDER)).to_contain_text("Thank you")
    dials(page, "*384*77#", "1", "2")
    expect(phone(page, RESPONDER)).to_contain_text("Please get in touch with me")
    texts(page, RESPONDER, "1")
    expect(phone(page, MEMBER)).to_contain_text("Juma is")
    dials(page, "*384*77#", "1")


def show_the_console(page: Page, phones: Page, address: str, folder: Path) -> None:
    """Sign in and take the pages that `docs/start/set-up-a-group.md` walks through."""
    page.goto(f"{address}/console/sign-in")
    take(page, folder / "sign-in.png")
    page.locator("input[type=tel]").fill(LEADER)
    page.locator("main form button").click()
    found = re.compile(r"\b\d{6}\b")
    expect(phones.locator("article").nth(3)).to_contain_text(found)
    code = found.findall(phones.locator("article").nth(3).inner_text())[-1]
    page.locator("input[name=code]").fill(code)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/console/?$"))
    page.goto(f"{address}/console/new-group")
    take(page, folder / "new-group.png")
    page.goto(f"{address}/console/groups/{GROUP}/meetings")
    take(page, folder / "meetings.png")


def take_two_phones(page: Page, path: Path) -> None:
    """Take the member's phone and, beside it, the responder's with the help text and the answer."""
    expect(phone(page, MEMBER)).to_contain_text("I am fine now")
    page.set_viewport_size({"width": 1280, "height": 1100})
    phone(page, RESPONDER).get_by_text("Please get in touch with me").scroll_into_view_if_needed()
    page.evaluate("document.activeElement && document.activeElement.blur(); scrollTo(0, 0)")
    left, right = (phone(page, label).bounding_box() for label in (MEMBER, RESPONDER))
    assert left, "the member's phone is not on the page"
    assert right, "the responder's phone is not on the page"
    area = {
        "x": left["x"] - 12, "y": left["y"] - 12, "width": right["x"] + right["width"] - left["x"] + 24,
        "height": max(left["height"], right["height"]) + 24,
    }  # fmt: skip
    page.screenshot(path=path, clip=area, full_page=True, animations="disabled")  # type: ignore[arg-type]


def take(page: Page, path: Path) -> None:
    """Take what a visitor sees without scrolling."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.screenshot(path=path, animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
