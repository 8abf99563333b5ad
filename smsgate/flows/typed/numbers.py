"""Reads the whole number in what someone typed: `24ans`, `lOO`, `1,000,000`, `about 5`, `٢٤`."""

from __future__ import annotations

import re
import unicodedata

MOST_DIGITS = 15
GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:([,.'’_ \u00a0\u202f])\d{3})(?:\1\d{3})*(?![\d]|[.,]\d)")
DECIMAL = re.compile(r"[-−–]?\d+(?:[.,]\d+)?")
MISREAD = str.maketrans({"o": "0", "O": "0", "l": "1", "I": "1", "|": "1", "i": "1"})  # letters typed for a digit
NEARLY_DIGITS = re.compile(r"(?<![^\W_])[\doOlIi|]+(?![^\W_])")
ZEROS = re.compile(r"[.,]0+$")
THOUSANDS = re.compile(r"(\d+) ?k\b", re.IGNORECASE)


def read_number(typed: str) -> int | None:
    """Return the one whole number, zero or more, that was typed; None if there is none, or if there are several."""
    text = unicodedata.normalize("NFKC", typed).strip()
    text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    text = NEARLY_DIGITS.sub(lambda found: _as_digits(found.group()), text)
    text = GROUPED.sub(lambda found: re.sub(r"\D", "", found.group()), text)
    text = THOUSANDS.sub(r"\g<1>000", text)
    found = [_whole(each) for each in DECIMAL.findall(text)]
    return found[0] if len(found) == 1 else None


def _as_digits(word: str) -> str:
    """Return the digits that were meant, if a word has a digit in it, or an l and an O, as in lOO."""
    digits = word.translate(MISREAD)
    meant = any(sign.isdecimal() for sign in word) or (word[0] in "lI|" and "O" in word)
    return digits if meant else word


def _whole(number: str) -> int | None:
    digits = ZEROS.sub("", number)
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else None
