"""Whatever a guide shows in bold is on a screen, of a phone or the console, in the guide's language."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pytest

from smsgate.core.i18n import CONSOLE, LANGUAGES, PHONES, SOURCE, catalogue
from smsgate.flows.checks.catalogues import template

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = sorted(path for folder in ("start", "leaders", "members") for path in (DOCS / folder).glob("*.md"))
BOLD = re.compile(r"\*\*([^*]+)\*\*")
OF_THE_GUIDE = {"bold", "herufi nzito", "gras"}  # in the sentence that explains bold


def language_of(guide: Path) -> str:
    ending = guide.stem.rpartition(".")[2]
    return ending if ending in LANGUAGES else SOURCE


@cache
def labels(language: str) -> set[str]:
    """Return all texts of phones and console, with straight apostrophes."""
    found: set[str] = set()
    for domain in (PHONES, CONSOLE):
        texts = template(domain) if language == SOURCE else catalogue(language, domain)
        for message in texts:
            forms = message.id if language == SOURCE else message.string
            found.update(straight(form) for form in ([forms] if isinstance(forms, str) else forms or ()))
    return found


def straight(text: str) -> str:
    return text.replace("’", "'")


def unknown(text: str, language: str) -> dict[str, list[str]]:
    """Return what is bold but on no screen, each with similar texts."""
    bold = {straight(" ".join(label.split())) for label in BOLD.findall(text)} - OF_THE_GUIDE
    return {label: get_close_matches(label, labels(language)) for label in sorted(bold - labels(language))}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_what_is_in_bold_stands_on_a_screen(guide: Path) -> None:
    assert unknown(guide.read_text(encoding="utf-8"), language_of(guide)) == {}


def test_every_guide_for_people_is_there_in_every_language() -> None:
    for folder in ("leaders", "members"):
        names = {path.name for path in (DOCS / folder).glob("*.md")}
        assert names == {f"{name.split('.')[0]}.{language}.md" for name in names for language in LANGUAGES}


def test_a_label_that_was_reworded_is_named_with_the_new_one() -> None:
    ((label, like),) = unknown("Press **My peoples**, then **Settings**.", "en").items()
    assert (label, like[0]) == ("My peoples", "My people")
