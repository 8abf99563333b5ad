"""The glossary, `docs/glossary.md`: one word for one thing in each language, and the texts that use another one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from smsgate.core.i18n import LANGUAGES, SOURCE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "glossary.md"
CODES = {name: code for code, name in LANGUAGES.items()}
QUOTED = re.compile(r"“([^”]+)”")
NOT_SAID = re.compile(r"\{[^}]*\}|%\([^)]*\)[a-z]|\b[A-Z]{4,}\b|\bsmsgate [a-z ]+")  # filled in, or typed


@dataclass(frozen=True)
class Term:
    """A thing with its words in each language; an English text that contains a part of `but_not` is exempt."""

    words: dict[str, tuple[str, ...]]
    but_not: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, self.words[SOURCE]))})\b", re.IGNORECASE)

    def is_in(self, text: str) -> bool:
        """Return True if an English text has the word and is not exempt."""
        return bool(self._pattern.search(NOT_SAID.sub("", text))) and not any(part in text for part in self.but_not)

    def is_said(self, translation: str, language: str) -> bool:
        """Return True if a translation has one of the words of its language."""
        return any(_plain(word) in _plain(translation) for word in self.words[language])


@dataclass(frozen=True)
class Glossary:
    """The terms, and by language the words that are not used, each with the one that is."""

    terms: tuple[Term, ...] = ()
    barred: dict[str, dict[str, str]] = field(default_factory=dict)

    def faults(self, said: str, translation: str, language: str) -> Iterator[str]:
        """Yield each word that a translation of `said` should have, or should not have."""
        for term in self.terms:
            if language in term.words and term.is_in(said) and not term.is_said(translation, language):
                wanted = " / ".join(term.words[language])
                yield f"glossary: {term.words[SOURCE][0]!r} is {wanted!r} in {LANGUAGES[language]}: {translation!r}"
        yield from self.barred_words(translation, language)

    def barred_words(self, text: str, language: str) -> Iterator[str]:
        """Yield each word of a text that the glossary bars."""
        for word, better in self.barred.get(language, {}).items():
            if re.search(rf"\b{re.escape(_plain(word))}\b", _plain(text)):
                yield f"glossary: say {better!r} in place of {word!r}: {text!r}"


def read(page: Path = PAGE) -> Glossary:
    """Return the tables of the page; empty ones if the service is installed without its documents."""
    if not page.exists():
        return Glossary()
    terms, barred = page.read_text(encoding="utf-8").split("\n## Words that are not used")
    unused: dict[str, dict[str, str]] = {}
    for language, word, better in _rows(barred):
        unused.setdefault(CODES[language], {})[word] = better
    return Glossary(tuple(_term(row) for row in _rows(terms)), unused)


def _term(row: list[str]) -> Term:
    cells = zip(CODES.values(), row[:-1], strict=False)  # a new language may have no column yet
    words = {code: tuple(map(str.strip, cell.split("/"))) for code, cell in cells}
    return Term(words, tuple(QUOTED.findall(row[-1])))


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[1:]]


def _plain(text: str) -> str:
    """Return the text without accents and case, and with one kind of apostrophe."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
