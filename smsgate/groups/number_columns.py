"""Finds the columns of a file that hold people's phone numbers: by its header, or else by the numbers in them.

An uncertain guess is marked (`sure` is False), and the page asks before anybody is invited.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from smsgate.groups.csv_rows import Row
from smsgate.groups.number_cells import SHORTEST, numbers_in

HEADER_AMONG = 10  # rows; there may be titles above the header
SAMPLES = 3
MOST_OFFERED = 12


class Kind(Enum):
    """What the header says about a column."""

    OWN = "own"  # a phone of the person in the row
    OTHER = "other"  # someone else's phone: a neighbour, next of kin, anyone who filled in the form
    NUMBER = "number"  # a number of something unnamed
    NOT = "not"  # a national id, a fax, the type of a phone and the like


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


PHONE = _words_of(
    """
    phone phones mobile mobiles cell cells cel cellular cellulaire celular movil telemovel tel tels telf gsm hp
    handset simu rununu simuyake portable waya taleefan nimero
    """
)
PHONE_WITHIN = (
    "phone", "telefon", "telefoo", "msisdn", "whatsapp", "mobileno", "mobilenum", "cellno", "هاتف", "جوال", "موبايل",
    "محمول", "ስልክ", "телефон",
)  # fmt: skip
NUMBER = _words_of(
    """
    number numbers no nos nr num numero numeros namba nambari contact contacts mawasiliano
    """
)
OTHER = _words_of(
    """
    emergency dharura urgence kin next guardian mlezi tuteur parent mzazi mother father mama baba spouse husband
    wife conjoint relative ndugu jamaa neighbour neighbor jirani voisin referee reference witness enumerator
    interviewer enqueteur supervisor chw doctor daktari clinic hospital assistant company secretary manager boss
    employer callback subscriberid simserial
    """
)
NOT = _words_of(
    """
    id ids idno nid nin bvn kitambulisho passport pasipoti passeport cni identity identite identification national
    nationale huduma kra pin fax telecopie pager e email mail imei imsi device deviceid uuid type aina label model
    make brand owner provider network carrier operator mtandao date tarehe time age umri code status consent
    verified name names jina majina nom noms prenom prenoms count amount balance account akaunti compte bank
    paybill till extension ext notes note phonetic postal zip language lugha langue birthday created
    """
)
# These mark exports of survey tools, in which `phonenumber` is the number of whoever filled in the form.
FORMS = _words_of(
    """
    deviceid _uuid _submission_time
    """
)


@dataclass(frozen=True)
class Column:
    """A column's index, its name in the header if it has one, and a few of its cells."""

    index: int
    name: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """The columns to read, whether that is certain, those on offer, and the header row's number and width."""

    read: tuple[Column, ...]
    sure: bool
    offered: tuple[Column, ...]
    header: int = 0
    width: int = 0


@dataclass
class _Seen:
    """What a sample shows about one column."""

    column: Column
    kind: Kind | None
    filled: int = 0
    with_digits: int = 0
    valid: int = 0


@dataclass
class _Choice:
    read: list[_Seen] = field(default_factory=list)
    sure: bool = True


def find_columns(sample: Sequence[Row], countries: tuple[str, ...], chosen: Sequence[int] = ()) -> Columns:
    """Return the columns to read, judged by a file's first rows; `chosen` are those that a leader picked, if any."""
    head = _header(sample, countries)
    names = head.cells if head else []
    number = head.number if head else 0
    width = max((len(row.cells) for row in sample), default=0)
    body = [row for row in sample if row is not head and row.number > number]
    seen = [_look(index, names, body, countries) for index in range(width)]
    choice = _Choice([each for each in seen if each.column.index in chosen]) if chosen else _choose(seen, names)
    offered = sorted((each for each in seen if each.with_digits), key=lambda each: (-each.valid, each.column.index))
    in_order = sorted(offered[:MOST_OFFERED], key=lambda each: each.column.index)
    return Columns(
        tuple(each.column for each in choice.read),
        choice.sure,
        tuple(each.column for each in in_order),
        number,
        len(names),
    )


def kind_of(name: str, header: Sequence[str] = ()) -> Kind | None:
    """Return what a column's name says about it; None if nothing."""
    words = _words(name)
    if not words:
        return None
    if _is_phone(words):
        asked_by = name.casefold() == "phonenumber" and FORMS & {cell.casefold() for cell in header}
        return Kind.NOT if words & NOT else Kind.OTHER if words & OTHER or asked_by else Kind.OWN
    if words & NOT:
        return Kind.NOT
    if words & OTHER:
        return Kind.OTHER
    return Kind.NUMBER if words & NUMBER else None


def _is_phone(words: set[str]) -> bool:
    return any(word in PHONE or any(part in word for part in PHONE_WITHIN) for word in words if word != "phonetic")


def _words(name: str) -> set[str]:
    parted = f"{name} {re.sub('(?<=[a-z])(?=[A-Z])', ' ', name)}".casefold()  # PhoneNumber, WhatsApp
    plain = "".join(char for char in unicodedata.normalize("NFKD", parted) if not unicodedata.combining(char))
    return set(re.findall(r"[^\W\d_]+", plain))


def _header(sample: Sequence[Row], countries: tuple[str, ...]) -> Row | None:
    """Return the header: of the rows above the first number, the one with the most known column names."""
    above: list[Row] = []
    for row in sample[:HEADER_AMONG]:
        if row.too_long or any(
            len(re.findall(r"\d", cell)) >= SHORTEST or _is_valid(cell, countries) for cell in row.cells
        ):
            break
        above.append(row)

    def worth(row: Row) -> tuple[int, int]:
        kinds = sum(kind_of(cell) is not None for cell in row.cells)
        return kinds, sum(map(bool, row.cells)) if kinds else 0

    best = max(above, key=worth, default=None)
    if best is not None and worth(best)[0]:
        return best
    first = above[0] if above else None
    return first if first and not any(re.search(r"\d", cell) for cell in first.cells) else None


def _is_valid(cell: str, countries: tuple[str, ...]) -> bool:
    return any(one.number for one in numbers_in(cell, countries))


def _look(index: int, names: Sequence[str], body: Sequence[Row], countries: tuple[str, ...]) -> _Seen:
    name = names[index] if index < len(names) else ""
    cells = [row.cells[index] for row in body if index < len(row.cells) and row.cells[index]]
    return _Seen(
        Column(index, name, tuple(cells[:SAMPLES])),
        kind_of(name, names),
        len(cells),
        sum(len(re.findall(r"\d", cell)) >= 6 for cell in cells),
        sum(_is_valid(cell, countries) for cell in cells),
    )


def _choose(seen: list[_Seen], names: Sequence[str]) -> _Choice:
    own = [each for each in seen if each.kind is Kind.OWN]
    open_ones = [each for each in seen if each.kind in (Kind.NUMBER, None) and each.valid]
    if own:
        here, elsewhere = sum(each.valid for each in own), max((each.valid for each in open_ones), default=0)
        filled = sum(each.filled for each in own)
        return _Choice(own, sure=not elsewhere or 2 * here >= filled > 0)
    named = [each for each in open_ones if each.kind is Kind.NUMBER]
    if len(open_ones) == 1 or (named and len(named) == len(open_ones) == 1):
        return _Choice(open_ones)
    if open_ones:
        alone = not any(names) and not any(each.filled and not each.valid for each in seen)
        return _Choice(open_ones) if alone else _Choice([_best(named or open_ones)], sure=False)
    rest = [each for each in seen if each.kind in (Kind.NUMBER, None)]
    doubtful = any(each.valid for each in seen)  # the only numbers are in columns that the header calls something else
    return _Choice([_best(rest)] if rest else [], sure=not doubtful)


def _best(seen: list[_Seen]) -> _Seen:
    return max(seen, key=lambda each: (each.valid, each.with_digits, each.filled, -each.column.index))
