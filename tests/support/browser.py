"""Finds a Chromium for the tests of pages; `python -m tests.support.browser` exits with 0 if one starts."""

from __future__ import annotations

import os
import shutil
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    """Start a Chromium: the one on the PATH if there is one, else Playwright's own download."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    return playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])


def main() -> int:
    """Return 0 if a Chromium starts; otherwise print the reason and return 1."""
    try:
        with sync_playwright() as playwright:
            launch(playwright).close()
    except Error as error:
        print(f"No Chromium starts here: {error.message.splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
