"""GSM-7 and UCS-2: how long a text is on the air, how many SMS it costs, and which characters can be replaced cheaply.

Sources: 3GPP TS 23.038 (alphabets) and TS 23.040 (each part of a longer text loses 6 octets to its header).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from smsgate.core.graphemes import EMOJI, clusters, unbroken

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
ALPHABET = BASIC | EXTENDED
MARKS_OF_TYPE = {
    "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "ʻ": "'", "ʽ": "'", "´": "'", "`": "'", "′": "'", "‹": "'", "›": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "‚": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "⁃": "-", "…": "...", "•": "-", "·": "-", "‣": "-", "◦": "-",
    "●": "-", "▪": "-", "⁄": "/", "∕": "/", "×": "x", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
    "\u2028": "\n", "\u2029": "\n", "\u0085": " ", "\x0b": " ", "\u3164": "", "\u2800": " ",
    "\u200b": "", "\u200e": "", "\u200f": "", "\ufeff": "",
}  # fmt: skip
SAME_TO_EVERYBODY = frozenset("’‘‛ʼʻʽ´`“”…\u2028\u2029\u0085\x0b\t")  # nobody minds how they look
# Not typography, but the same meaning; the author is told. The letters of Hausa, Fula, Luo, Ewe and others (ɓ ɗ ŋ ƴ ɛ
# ɔ) are not here: a different letter makes a different word.
EQUIVALENTS = {
    "œ": "oe", "Œ": "OE", "Ł": "L", "ł": "l", "ı": "i", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "Ŧ": "T", "ŧ": "t",
    "№": "No", "±": "+/-", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "←": "<-", "⇒": "=>",
}  # fmt: skip
SUBSTITUTES = str.maketrans(MARKS_OF_TYPE | EQUIVALENTS)
LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУавеѕіјорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧοѴԛԝ", "ABESIJKMHOPCTXYaBesijopcxyABEZHIKMNOPTYXoVqw"
)
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\uffa0")
LONGEST = 2000  # characters; longer texts are refused anyway, without naming their odd characters
LONGEST_NAMED = 60  # characters kept of the word before a change; keeping the whole text would take quadratic time
NO_WORDS = ("Cn", "Co", "Cs")


class Change(NamedTuple):
    """A character and its replacement; for an invisible one, which is dropped, only the word before it."""

    was: str
    now: str
    after: str


def is_gsm7(text: str) -> bool:
    """True if every character is in the GSM-7 alphabet or its extension table."""
    return ALPHABET.issuperset(text)


def units(text: str) -> int:
    """Return the length on the air: septets in GSM-7 (an extension character takes two), 16-bit units in UCS-2."""
    if BASIC.issuperset(text):
        return len(text)
    if is_gsm7(text):
        return len(text) + sum(char in EXTENDED for char in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """Return how many SMS the text is billed as; the empty text counts as one."""
    sizes, single, part = _sizes(text)
    if sum(sizes) <= single:
        return 1
    count, room = 1, part
    for size in sizes:  # an escaped character, a surrogate pair or an emoji is never split between two parts
        if size > room:
            count, room = count + 1, part
        room -= size
    return count


def _sizes(text: str) -> tuple[list[int], int, int]:
    if is_gsm7(text):
        return [2 if char in EXTENDED else 1 for char in text], 160, 153
    whole = [units_of(part) for part in unbroken(text)]
    if max(whole, default=0) > 67:
        whole = [units_of(char) for char in text]
    return whole, 70, 67


def units_of(part: str) -> int:
    """Return the length of a piece of text in UCS-2, in 16-bit units."""
    return len(part.encode("utf-16-be", "surrogatepass")) // 2


def non_gsm_chars(text: str) -> list[str]:
    """Return the characters that force the text into UCS-2, in order, each once."""
    return list(dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENDED))


def transliterate(text: str) -> str:
    """Return the text with close substitutes (’ to ', ê to e) if it is then GSM-7 and costs no more; else unchanged."""
    if len(text) > LONGEST or is_gsm7(text):
        return text
    if is_gsm7(plain := text.translate(_PLAIN_LETTERS)):
        return plain  # accents only, as in most French and Swahili: just as many characters, and cheaper ones
    cheaper = _substituted(text)
    return cheaper if is_gsm7(cheaper) and segments(cheaper) <= segments(text) else text


def expensive_chars(text: str) -> list[str]:
    """Return the characters that force UCS-2 and have no substitute, each once, in order, for a writer to avoid.

    An emoji is returned whole, and a character that no phone can show as its code, like `U+E000`.
    """
    odd = dict.fromkeys(_shown(now) for _was, now in _replaced(text) if not is_gsm7(now))
    return list(odd) or non_gsm_chars(transliterate(text))


def changes(text: str) -> list[Change]:
    """Return what `transliterate` changes, for the author of the text; typographic marks go unmentioned."""
    if transliterate(text) == text:
        return []
    found, before = dict[Change, None](), ""
    for was, now in _replaced(text):
        if was != now and not _goes_without_saying(was):
            after = next(iter(before.split()[-1:]), "")
            found[Change("", "", after) if _visible(was) == now else Change(was, now, "")] = None
        before = (before + now)[-LONGEST_NAMED:]
    return list(found)


def changed_words(text: str) -> list[str]:
    """Return the words that `transliterate` spells differently, as they are sent."""
    if not any(change.was for change in changes(text)):
        return []
    different = dict.fromkeys(text.split())
    words = (_substituted(word) for word in different if any(change.was for change in changes(word)))
    return list(dict.fromkeys(words))


def _goes_without_saying(was: str) -> bool:
    if not _visible(was):
        return False
    return was in SAME_TO_EVERYBODY or unicodedata.category(was[0]) in ("Pd", "Zs")


def _substituted(text: str) -> str:
    return "".join(now for _was, now in _replaced(text))


def _replaced(text: str) -> Iterator[tuple[str, str]]:
    """Yield each character as people see it, and its replacement."""
    before = ""
    plain = unicodedata.normalize("NFC", text[:LONGEST])
    for was, alike in zip(clusters(plain), clusters(_without_look_alikes(plain)), strict=True):
        now = was if ALPHABET.issuperset(was) else _cheaper(alike, before)
        yield was, now
        before = now[-1:] or before


def _without_look_alikes(text: str) -> str:
    """Replace Cyrillic and Greek letters that are in a Latin word by mistake."""
    if text.isascii():
        return text
    return re.sub(r"[^\W\d_]+", lambda word: _latin(word[0]), text)


def _latin(word: str) -> str:
    latin = word.translate(LOOK_ALIKES)
    foreign = (char for char, other in zip(word, latin, strict=True) if char == other and not char.isascii())
    mixed = any(char.isascii() for char in word)
    return latin if mixed and all(unicodedata.name(char, "").startswith("LATIN") for char in foreign) else word


def _cheaper(cluster: str, before: str) -> str:
    """Return the replacement for a character that follows `before`; the character itself if nothing fits."""
    seen = _visible(cluster)
    if ALPHABET.issuperset(seen):
        return seen
    if seen == "‚" and before.isalnum():
        return ","
    if (told := seen.translate(SUBSTITUTES)) != seen:
        return told if is_gsm7(told) else cluster
    parts = unicodedata.normalize("NFD", seen)
    if parts[0] in BASIC and all(unicodedata.category(mark)[0] == "M" for mark in parts[1:]):
        return parts[0]
    return _compatible(seen, before) or cluster


def _visible(cluster: str) -> str:
    """Return the character without invisible parts; an emoji keeps its joiners."""
    if EMOJI.fullmatch(cluster):
        return cluster
    return "".join(char for char in cluster if not _is_invisible(char))


def _is_invisible(char: str) -> bool:
    if char in ALPHABET or char in MARKS_OF_TYPE:
        return MARKS_OF_TYPE.get(char) == ""
    return (
        char in FILLERS or unicodedata.category(char) in ("Cf", "Cc") or "VARIATION SEL" in unicodedata.name(char, "")
    )


def _compatible(seen: str, before: str) -> str:
    """Return plain letters for ligatures, full-width and ornamental ones; "" if none fit or a number would change."""
    if unicodedata.category(seen[0]) in ("Pd", "Zs"):
        return "-" if unicodedata.category(seen[0]) == "Pd" else " "
    kind = unicodedata.decomposition(seen[0]).partition(" ")[0]
    plain = unicodedata.normalize("NFKC", seen).translate(SUBSTITUTES)
    if plain == seen or not is_gsm7(plain):
        return ""
    if kind == "<circle>":
        return f"({plain})"
    if before.isdigit() and plain[0].isdigit() and kind in ("<fraction>", "<super>", "<sub>"):
        return f" {plain}" if kind == "<fraction>" else ""
    return plain


def _shown(cluster: str) -> str:
    """Return a character in a form that people can be shown."""
    first = cluster[0]
    if unicodedata.category(first) in NO_WORDS:
        return f"U+{ord(first):04X}"
    return f"◌{cluster}" if unicodedata.category(first)[0] == "M" else cluster


# By code point: accented letters that GSM-7 lacks, and their replacement, whatever comes before them.
_PLAIN_LETTERS = {
    ord(char): plain for char in map(chr, range(0xC0, 0x250)) if char not in EQUIVALENTS
    if char not in ALPHABET and (plain := _cheaper(char, "")) in BASIC
}  # fmt: skip
