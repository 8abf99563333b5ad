"""A stop of the engine as screens: numbering, paging, fitting. No option and no word is ever cut.

`limit` is in characters of GSM-7; a text that needs UCS-2 has 7/16 of it, as on the air.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from smsgate.core.gsm7 import is_gsm7, transliterate, units
from smsgate.core.i18n import _
from smsgate.flows.steps import Ask, Choose, Question

BACK, HOME, MORE = "0", "00", "98"
SKIP = "skip"
JOINED_MOST = 80  # characters
SMS_LIMIT = 306  # two segments: a menu by SMS costs no more


@dataclass
class Page:
    """One screen, and what each number on it, or on a page before it, means."""

    text: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Piece:
    """A word or a whole option line; what stands before it when it does not open a page."""

    text: str
    gap: str
    number: str | None = None
    meaning: str = ""


def lay_out(told: list[str], asked: Question | None, limit: int, *, can_back: bool, can_home: bool) -> list[Page]:
    """The pages for what was told and is asked; at least one."""
    rest = _pieces(told, asked)
    pages: list[Page] = []
    options: dict[str, str] = {}
    while rest or not pages:
        ways = _ways(bool(pages) or can_back, can_home)
        page, rest = _fill(rest, ways, ways if asked else [], limit)
        options = options | {piece.number: piece.meaning for piece in page if piece.number}
        text = _joined(page) + (_footer(ways, more=True) if rest else _footer(ways if asked else [], more=False))
        pages.append(Page(text.strip("\n"), options))
    return pages


def first_page(text: str, limit: int) -> str:
    """As much of a text as one screen holds, for a caller who cannot turn pages."""
    return transliterate(_joined(_fill(_pieces([text], None), [], [], limit)[0]))


def fits(text: str, limit: int) -> bool:
    """True when a screen of `limit` characters holds `text`."""
    return units(text) <= (limit if is_gsm7(text) else limit * 7 // 16)


def _fill(pieces: list[_Piece], ways: list[str], last_ways: list[str], limit: int) -> tuple[list[_Piece], list[_Piece]]:
    """As many pieces as fit on a page, and the rest; a page that ends the call has no ways out of its own."""
    if fits(_joined(pieces) + _footer(last_ways, more=False), limit):
        return pieces, []
    count = 1  # a piece longer than a page goes alone; texts are checked to have none
    while count < len(pieces) and fits(_joined(pieces[: count + 1]) + _footer(ways, more=True), limit):
        count += 1
    return pieces[:count], pieces[count:]


def _joined(pieces: list[_Piece]) -> str:
    return "".join(piece.gap * (index > 0) + piece.text for index, piece in enumerate(pieces))


def _pieces(told: list[str], asked: Question | None) -> list[_Piece]:
    texts = [*told, asked.text] if asked else told
    words = [
        _Piece(word, "\n" if index == 0 else " ")
        for line in "\n".join(filter(None, texts)).split("\n")
        for index, word in enumerate(_words(line))
    ]
    return words + [
        _Piece(f"{number} {transliterate(label)}", "\n", str(number), meaning)
        for number, (meaning, label) in enumerate(_options(asked), start=1)
    ]


def _words(line: str) -> list[str]:
    """The words of a line; what no-break spaces join stays on one page, as far as one holds it."""
    joined = [transliterate(word).strip() for word in re.split(r"[^\S\u00a0]+", line)]
    whole = [len(word) <= JOINED_MOST and is_gsm7(word) for word in joined]
    return [part for word, one in zip(joined, whole, strict=True) for part in ([word] if one else word.split()) if part]


def _options(asked: Question | None) -> list[tuple[str, str]]:
    if isinstance(asked, Choose):
        return list(asked.options.items())
    if isinstance(asked, Ask) and asked.skip:
        return [(SKIP, asked.skip)]
    return []


def _ways(back: bool, home: bool) -> list[str]:
    ways = [" ".join((BACK, _("Back")))] if back else []
    return [*ways, " ".join((HOME, _("Home")))] if home else ways


def _footer(ways: list[str], *, more: bool) -> str:
    lines = [" ".join((MORE, _("More"))), *ways] if more else ways
    return transliterate("".join(f"\n{line}" for line in lines))
