"""Lays out a stop of the engine as screens: numbering, paging and fitting, with no option and no word ever cut.

`limit` is in GSM-7 characters; a text that needs UCS-2 gets 7/16 of it, as in an SMS on the air.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from smsgate.core.graphemes import clusters
from smsgate.core.gsm7 import is_gsm7, transliterate, units
from smsgate.core.i18n import _
from smsgate.flows.steps import Ask, Choose, Question

BACK, HOME, MORE = "0", "00", "98"
SKIP = "skip"
JOINED_MOST = 80  # characters
SMS_LIMIT = 306  # two segments: a menu sent by SMS never costs more


@dataclass
class Page:
    """One screen, and what each number on this page or an earlier one means."""

    text: str
    options: dict[str, str] = field(default_factory=dict)


class _Piece(NamedTuple):
    """A word or a whole option line, and the gap before it when it does not open a page."""

    text: str
    gap: str
    number: str | None = None
    meaning: str = ""


def lay_out(
    told: list[str], asked: Question | None, limit: int, *, can_back: bool, can_home: bool, onward: str = "",
    whole_words: bool = False,
) -> list[Page]:  # fmt: skip
    """Return the pages of what is said and asked; at least one.

    `onward` is what key 0 does on the first page instead of going back. A word longer than a page is split, unless
    `whole_words` keeps it whole for the checks to find.
    """
    rest = _pieces(told, asked)
    pages: list[Page] = []
    options: dict[str, str] = {}
    while rest or not pages:
        back = onward if onward and not pages else _("Back") if pages or can_back else ""
        ways = _ways_out(back, can_home)
        if not whole_words:
            rest = _split_first(rest, limit, ways)
        page, rest = _fill(rest, ways, ways if asked else [], limit)
        options = options | {piece.number: piece.meaning for piece in page if piece.number}
        text = _join(page) + (_footer(ways, more=True) if rest else _footer(ways if asked else [], more=False))
        pages.append(Page(text.strip("\n"), options))
    return pages


def first_page(text: str, limit: int) -> str:
    """Return as much of a text as fits on one screen, for a caller who cannot turn pages."""
    return transliterate(_join(_fill(_pieces([text], None), [], [], limit)[0]))


def fits(text: str, limit: int) -> bool:
    """Return True if `text` fits on a screen of `limit` characters."""
    return units(text) <= (limit if is_gsm7(text) else limit * 7 // 16)


def _fill(pieces: list[_Piece], ways: list[str], last_ways: list[str], limit: int) -> tuple[list[_Piece], list[_Piece]]:
    """Split off the pieces that fit on one page. A page that ends the session shows no Back or Home."""
    if fits(_join(pieces) + _footer(last_ways, more=False), limit):
        return pieces, []
    count = 1  # an option longer than a page gets its own page; the checks make sure that there is none
    while count < len(pieces) and fits(_join(pieces[: count + 1]) + _footer(ways, more=True), limit):
        count += 1
    return pieces[:count], pieces[count:]


def _split_first(pieces: list[_Piece], limit: int, ways: list[str]) -> list[_Piece]:
    """Split a first word that is longer than a page between two characters, as people see them."""
    rest = _footer(ways, more=True)
    if not pieces or pieces[0].number or fits(pieces[0].text + rest, limit):
        return pieces
    parts, count = clusters(pieces[0].text), 1
    while count < len(parts) and fits("".join(parts[: count + 1]) + rest, limit):
        count += 1
    behind = [_Piece("".join(parts[count:]), "")] if parts[count:] else []
    return [_Piece("".join(parts[:count]), pieces[0].gap), *behind, *pieces[1:]]


def _join(pieces: list[_Piece]) -> str:
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
    """Split a line into words. Words joined by no-break spaces stay on one page, unless they are too long for one."""
    if is_gsm7(line):  # as nearly all are: nothing to transliterate, and no no-break space
        return line.split()
    joined = [transliterate(word).strip() for word in re.split(r"[^\S\u00a0]+", line)]
    whole = [len(word) <= JOINED_MOST and is_gsm7(word) for word in joined]
    return [
        part
        for word, fits_whole in zip(joined, whole, strict=True)
        for part in ([word] if fits_whole else word.split())
        if part
    ]


def _options(asked: Question | None) -> list[tuple[str, str]]:
    if isinstance(asked, Choose):
        return list(asked.options.items())
    if isinstance(asked, Ask) and asked.skip:
        return [(SKIP, asked.skip)]
    return []


def _ways_out(back: str, home: bool) -> list[str]:
    ways = [" ".join((BACK, back))] if back else []
    return [*ways, " ".join((HOME, _("Home")))] if home else ways


def _footer(ways: list[str], *, more: bool) -> str:
    lines = [" ".join((MORE, _("More"))), *ways] if more else ways
    return transliterate("".join(f"\n{line}" for line in lines))
