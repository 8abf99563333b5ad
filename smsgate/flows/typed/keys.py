"""Reads a key in what someone typed: `1#`, `1*`, `1.`, `(1)`, `01`, full-width and Arabic digits mean the digit."""

from __future__ import annotations

import re
import unicodedata

AROUND = re.compile(r"^[\W_]+|[\W_]+$")  # what is typed around digits, such as the # that ends what is dialled


def ascii_digits(typed: str) -> str:
    """Return the text with digits of every alphabet as 0 to 9, and without invisible characters."""
    if typed.isascii():
        return typed
    text = unicodedata.normalize("NFKC", typed)
    seen = (sign for sign in text if unicodedata.category(sign) != "Cf")
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in seen)


def only_digits(typed: str) -> str:
    """Return the digits of a text that has nothing else but signs around them; "" for any other."""
    if typed.isascii() and typed.isdecimal():
        return typed  # as nearly all are; this runs in each turn
    digits = AROUND.sub("", ascii_digits(typed))
    return digits if digits.isdecimal() else ""


def read_key(typed: str) -> str:
    """Return the key that was typed, without leading zeros unless it is all zeros; "" if none was typed."""
    digits = only_digits(typed)
    return digits.lstrip("0") or digits
