"""GSM-7 and UCS-2: how long a text is on the air, how many SMS it costs, and which characters can be replaced cheaply.

Sources: 3GPP TS 23.038 (alphabets) and TS 23.040 (each part of a longer text loses 6 octets to its header).
"""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
ALPHABET = BASIC | EXTENDED
SUBSTITUTES = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "…": "...", "•": "-", "·": "-", "×": "x", "−": "-",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\u200e": "", "\u200f": "", "\ufeff": "",
        "\t": " ", "œ": "oe", "Œ": "OE",
    }
)  # fmt: skip


def is_gsm7(text: str) -> bool:
    """True if every character is in the GSM-7 alphabet or its extension table."""
    return ALPHABET.issuperset(text)


def units(text: str) -> int:
    """Returns the length on the air: septets in GSM-7 (an extension character takes two), 16-bit units in UCS-2."""
    if BASIC.issuperset(text):
        return len(text)
    if is_gsm7(text):
        return len(text) + sum(char in EXTENDED for char in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """Returns how many SMS the text is billed as; the empty text counts as one."""
    sizes, single, part = _sizes(text)
    if sum(sizes) <= single:
        return 1
    count, room = 1, part
    for size in sizes:  # an escaped character or a surrogate pair is never split between two parts
        if size > room:
            count, room = count + 1, part
        room -= size
    return count


def _sizes(text: str) -> tuple[list[int], int, int]:
    if is_gsm7(text):
        return [2 if char in EXTENDED else 1 for char in text], 160, 153
    return [len(char.encode("utf-16-be")) // 2 for char in text], 70, 67


def non_gsm_chars(text: str) -> list[str]:
    """Returns the characters that force the text into UCS-2, in order, each once."""
    return list(dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENDED))


def transliterate(text: str) -> str:
    """Returns the text with close substitutes (’ to ', ê to e) if that makes it GSM-7; else unchanged."""
    if is_gsm7(text):
        return text
    cheaper = _substituted(text)
    return cheaper if is_gsm7(cheaper) else text


def expensive_chars(text: str) -> list[str]:
    """Returns the characters that force UCS-2 and have no substitute, each once, in order: a writer may avoid them."""
    return non_gsm_chars(_substituted(text))


def _substituted(text: str) -> str:
    return "".join(_cheaper(char) for char in unicodedata.normalize("NFC", text).translate(SUBSTITUTES))


def _cheaper(char: str) -> str:
    if char in BASIC or char in EXTENDED:
        return char
    base = unicodedata.normalize("NFD", char)[0]
    return base if base in BASIC else char
