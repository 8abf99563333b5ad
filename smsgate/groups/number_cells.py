"""Finds the phone numbers in one cell of a file: wrapped, labelled, in scientific notation, or several at once."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from smsgate.core.phone_numbers import NotANumber, e164

MOST_UNREADABLE = 100  # in one cell; more are no list of numbers, and each takes long to try
SHORTEST = 7  # digits; fewer are no phone number, but may belong to one
SEVERAL = re.compile(r":::|[;/|,&\n\r\t]|\s-\s|\s+(?:and|or|na|au|et|ou)\s+", re.IGNORECASE)
SCIENTIFIC = re.compile(r"\+?(\d+)(?:[.,](\d+))?\s?[eE]\s?\+?(\d{1,2})")
THOUSANDS = re.compile(r"\+?\d{1,3}(?:,\d{3}){2,}")
ENDING = re.compile(r"(?<=\d{7})[.,]0{1,2}$")  # 254711000001.0
TEXT_FORMULA = re.compile(r"""=\s*(?:"([^"]*)"|'([^']*)'|(\+?\d[\d\s]{6,30}))""")  # ="0711…", which keeps it as text
FORMULA = re.compile(r"[=@]|[+\-][^\d( ]")
LABEL = re.compile(
    r"\A(?:[^\W\d][^\d:;/|,\n]*:\s*|[^\W\d_][^\d:;/|,\n+(]*\s(?=[+(\d]))"
)  # Mobile: 0711…, Amina - 0711…
PLACE = re.compile(r"\d{1,5}[.)]\s+")  # 12. 0711…, as in a numbered list
QUOTES = "'\"`‘’“”´"
REMARK = re.compile(r"\s*\([^\d()]*\)\s*$")  # 0711000001 (Amina)


class Reading(NamedTuple):
    """A number in E.164, or why it cannot be read: a reason of `e164`, or `none`, `formula` or `rounded`."""

    number: str = ""
    reason: str = ""


def numbers_in(cell: str, countries: tuple[str, ...]) -> list[Reading]:
    """Return the numbers in a cell, with a reason for each that cannot be read; [] for an empty cell.

    If part of it might be lost (`0711000001/2`), the whole cell is refused.
    """
    text = _plain(cell)
    if not text:
        return []
    if wrapped := TEXT_FORMULA.fullmatch(text):
        text = next(filter(None, wrapped.groups()), "").strip()
    if FORMULA.match(text):
        return [Reading(reason="formula")]
    if not _digits(text):
        return [Reading(reason="none")]
    whole = _read(text, countries)
    if not whole.number and (place := PLACE.match(text)) and _digits(text[place.end() :]):
        text = text[place.end() :]
        whole = _read(text, countries)
    return [whole] if whole.number or whole.reason == "rounded" else _read_several(text, countries) or [whole]


def _plain(cell: str) -> str:
    """Return a cell in plain characters and without quotes; spreadsheets mark text with an apostrophe."""
    text = "".join(char for char in unicodedata.normalize("NFKC", cell) if unicodedata.category(char) != "Cf")
    text = text.strip()
    return text if text.startswith("=") else text.strip(QUOTES).strip()


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _read(text: str, countries: tuple[str, ...]) -> Reading:
    """Read a text as one number."""
    text = REMARK.sub("", LABEL.sub("", text, count=1)).strip()
    if scientific := SCIENTIFIC.fullmatch(text):
        first, behind, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        if len(behind) < exponent or behind[exponent:].strip("0"):
            return Reading(reason="rounded")
        text = first + behind[:exponent]
    elif THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        return Reading(e164(ENDING.sub("", text), countries))
    except NotANumber as error:
        return Reading(reason=error.reason)


def _read_several(text: str, countries: tuple[str, ...]) -> list[Reading]:
    """Read a text as several numbers; return [] if it is not, a piece belongs to no number, or too many are none."""
    pieces = [piece for piece in SEVERAL.split(text) if _digits(piece)]
    if len(pieces) == 1 and pieces[0].strip() == text.strip():
        return _read_words(text, countries)
    if any(_digits(piece) < SHORTEST for piece in pieces):
        return []
    found: list[Reading] = []
    unreadable = 0
    for piece in pieces:
        one = _read(piece.strip(), countries)
        words = [] if one.number else _read_words(piece, countries)
        found += words or [one]
        unreadable += not (one.number or words)
        if unreadable > MOST_UNREADABLE:
            return []
    return found


def _read_words(text: str, countries: tuple[str, ...]) -> list[Reading]:
    """Read numbers separated only by spaces; return [] if a word is left over."""
    found: list[Reading] = []
    begun: list[str] = []
    for word in text.split():
        begun.append(word)
        if len(begun) <= 6 and (one := _read(" ".join(begun), countries)).number:
            found.append(one)
            begun = []
    return [] if begun else found
