"""Checks that a name shown to strangers is just a name: no number, code or address, however it is written."""

from __future__ import annotations

import re
import unicodedata

MOST_DIGITS = 4  # in the name of a group: an area, a year
_MARKS = "'\u2019\u02bc-. "
_DIGITS = [
    "zero", "nought", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "sifuri", "moja", "mbili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa",
    "un", "une", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf",
]  # fmt: skip
_SPELLED = 3  # digits written as words, one after the other
_IN_ONE_WORD = re.compile(f"(?:{'|'.join(word for word in _DIGITS if len(word) > 2)}){{{_SPELLED},}}")
_LOOK_ALIKE = re.compile(
    r"\bo(?:[\W_]*[oil]){6,}\b"
)  # O7II as OIII: letters that a reader takes for the digits of a number
_DOT = r"(?:dot|nukta|point|slash|mkwaju|arobase|at)"
_ENDING = r"(?:com|net|org|info|co|ke|ug|tz|rw|me|ly|io|app|link|fr|biz|xyz)"
_ADDRESS = re.compile(
    rf"\b(?:www|https?|ussd|bit|tinyurl)\b|\b{_DOT}\s*{_ENDING}\b|\b{_ENDING}\b\s*{_DOT}|\bwa\W*me\b|\bcom\b|[^\W_]\.[^\W_]{{2,}}"
)


def is_name(text: str) -> bool:
    """Return whether this is a person's name: letters, spaces, hyphens, apostrophes, and a point after an initial."""
    plain = _plain(text)
    letters = all(char in _MARKS or unicodedata.category(char)[0] in "LM" for char in plain)
    if not letters or "\n" in text or not any(char.isalpha() for char in plain):
        return False
    if any(unicodedata.numeric(char, None) is not None for char in plain):  # numerals can be letters elsewhere
        return False
    return not (_spells_digits(plain) or _ADDRESS.search(plain))


def leads_elsewhere(text: str) -> bool:
    """Return whether the name of something, which may have up to MOST_DIGITS, carries a number, code or address."""
    plain = _plain(text)
    digits = sum(unicodedata.numeric(char, None) is not None for char in plain)
    return digits > MOST_DIGITS or bool(
        re.search(r"[*#@\n]|//", plain) or _ADDRESS.search(plain) or _spells_digits(plain)
    )


def _plain(text: str) -> str:
    """Return the text as it is read: without invisible characters, and with one form for each letter and digit."""
    shown = (
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) not in ("Cf", "Cc", "Mn")
    )
    plain = " ".join("".join(shown).casefold().split())
    return re.sub(r"\b(\w) (?=\w\b)", r"\1", re.sub(r" \. ?", ".", plain))  # e v i l . c o m


def _spells_digits(plain: str) -> bool:
    run = 0
    for word in re.split(r"[\W_]+", plain):
        run = run + 1 if word in _DIGITS else 0
        if run == _SPELLED:
            return True
    joined = re.sub(r"[\W_]+", "", plain)
    return bool(_IN_ONE_WORD.search(joined) or _LOOK_ALIKE.search(plain))
