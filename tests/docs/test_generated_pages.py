"""Generated pages of `docs/` match the code; `--write-conversations` generates them again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from smsgate.core.config import Settings
from smsgate.web import Application
from tests.support import doc_pages
from tests.support.settings_guide import MEANINGS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def holds(page: str, written: str, request: pytest.FixtureRequest) -> None:
    path = DOCS / page
    if request.config.getoption("--write-conversations"):
        path.write_text(written, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written, "write it anew with --write-conversations"


def test_the_page_of_settings(request: pytest.FixtureRequest) -> None:
    holds("operate/settings.md", doc_pages.settings_page(), request)


def test_every_setting_that_is_read_is_a_field_and_on_the_page() -> None:
    names = doc_pages.settings_read()
    assert set(names) == set(MEANINGS), "say in tests/support/settings_guide.py what each setting is for"
    assert sorted(map(doc_pages.field_of, names)) == sorted(field.name for field in fields(Settings))
    page = (DOCS / "operate" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_the_page_of_the_command(request: pytest.FixtureRequest) -> None:
    holds("build/command.md", doc_pages.command_page(), request)


def test_the_page_of_addresses(app: Application, request: pytest.FixtureRequest) -> None:
    holds("build/addresses.md", doc_pages.addresses_page(app), request)
