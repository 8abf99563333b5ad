"""One word for one thing: which faults the glossary finds in a text, and that no catalogue has any."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsgate.core.i18n import LANGUAGES
from smsgate.flows.checks import catalogues, glossary

KNOWN = glossary.read()


def test_it_has_about_sixty_terms_each_in_every_language() -> None:
    assert len(KNOWN.terms) >= 55
    assert all(set(term.words) == set(LANGUAGES) and all(map(all, term.words.values())) for term in KNOWN.terms)
    assert all(KNOWN.barred[language] for language in LANGUAGES)


def test_the_catalogues_say_what_it_says() -> None:
    assert [fault for fault in catalogues.faults() if "glossary" in fault] == []


@pytest.mark.parametrize(
    ("said", "language", "translation", "count"),
    [
        ("Your role has ended.", "sw", "Wadhifa wako umeisha.", 0),
        ("Your role has ended.", "sw", "Nafasi yako imeisha.", 1),
        ("Your role has ended.", "sw", "Jukumu lako limeisha.", 2),  # the word is missing, and a barred one is used
        ("Reminders", "fr", "Rappels", 0),
        ("Reminders", "fr", "Souvenirs", 1),
        ("The phone's account", "fr", "Le compte du TÉLÉPHONE", 0),  # accents and case don't count
        ("{role} until {date}", "sw", "{role} hadi {date}", 0),  # placeholders are ignored
        ("Text NOTICE and your words", "fr", "Envoyez NOTICE et vos mots", 0),  # typed
        ("It does not take place.", "sw", "Haufanyiki.", 0),  # an exception
        ("Help texts", "fr", "Textes d’aide", 2),
    ],
)
def test_what_a_translation_should_have_said(said: str, language: str, translation: str, count: int) -> None:
    assert len([*KNOWN.faults(said, translation, language)]) == count


def test_without_the_documents_nothing_is_asked(tmp_path: Path) -> None:
    assert glossary.read(tmp_path / "glossary.md") == glossary.Glossary()
