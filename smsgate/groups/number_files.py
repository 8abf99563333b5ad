"""Reading files of phone numbers as any spreadsheet or export writes them.

No row is dropped silently: each is taken, recognised as a repeat, or refused with a reason. A quotation mark that is
never closed spoils one line.
"""

from __future__ import annotations

import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from charset_normalizer import from_bytes

from smsgate.groups.csv_rows import Row, are_wrapped, delimiter, rows, unwrap
from smsgate.groups.number_cells import Reading, numbers_in
from smsgate.groups.number_columns import Columns, find_columns

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000
SAMPLE = 200  # lines from which the delimiter and the columns are recognised
ENCODINGS = ["ascii", "utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "cp1252"]
OLD_MAC = "mac_roman"  # only if lines end with \r, since nearly any bytes could be it
ZIPPED, PICTURED = b"PK\x03\x04", (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")


class Unreadable(ValueError):
    """The file as a whole cannot be read; `reason` is spreadsheet, binary, encoding, big or empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class ParsedNumbers:
    """The valid E.164 numbers, each once; the refused rows by reason; and the columns the numbers were found in.

    Reasons: those of `numbers_in`, twice, long (over 100,000 characters) and over (too many rows). A row with several
    numbers may be both taken and refused; `taken` counts the rows with at least one new number.
    """

    numbers: list[str] = field(default_factory=list)
    bad: dict[str, list[int]] = field(default_factory=dict)
    rows: int = field(default=0, compare=False)  # without the header and empty rows
    taken: int = field(default=0, compare=False)
    columns: Columns = field(default=Columns((), True, ()), compare=False)

    def refuse(self, reason: str, row: int) -> None:
        """Note a refused row, counted from 1 as in a spreadsheet."""
        here = self.bad.setdefault(reason, [])
        if not here or here[-1] != row:
            here.append(row)


def read(
    file: BinaryIO,
    countries: tuple[str, ...],
    chosen: Sequence[int] = (),
    so_far: ParsedNumbers | None = None,
    most: int | None = None,
) -> ParsedNumbers:
    """Return the numbers in a CSV file or plain list; `countries` are region codes, the first one for local numbers.

    Reads the columns in `chosen`, counted from 0, or else those it finds; `columns.sure` is False if that was a guess.
    A long file is read in parts: at most `most` rows, continuing after `so_far`. Raises Unreadable.
    """
    words = io.TextIOWrapper(file, encoding=_encoding(file), errors="strict", newline=None)
    try:
        return _read_lines(_lines(words), countries, chosen, so_far or ParsedNumbers(), most)
    except UnicodeError:
        raise Unreadable("encoding") from None
    finally:
        words.detach()


def decoded(content: bytes) -> str:
    """Return the text of a file in any encoding; raise Unreadable if it cannot be read."""
    return content.decode(_encoding(io.BytesIO(content)), errors="replace")


def is_utf8(content: bytes) -> bool:
    """Return whether a file is UTF-8, so that reading it in parts needs no guess at its encoding."""
    return _plain_encoding(content) == "utf-8-sig"


def _lines(words: io.TextIOWrapper) -> Iterator[str]:
    for line in words:
        if "\0" in line:
            raise Unreadable("binary")
        yield line.rstrip("\n")


def _encoding(file: BinaryIO) -> str:
    """Return the file's encoding; raise Unreadable if it is too big, empty or not text."""
    content = file.read(MOST_BYTES + 1)
    file.seek(0)
    if len(content) > MOST_BYTES:
        raise Unreadable("big")
    if not content.strip():
        raise Unreadable("empty")
    if content.startswith(ZIPPED):
        raise Unreadable("spreadsheet")
    if content.startswith(PICTURED):
        raise Unreadable("binary")
    return _plain_encoding(content) or _guessed_encoding(content)


def _plain_encoding(content: bytes) -> str:
    """Return an encoding that needs no guess: UTF-16 by its mark or its zeros, or UTF-8; "" if it is neither."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", content[1:4096:2]), ("utf-16-be", content[:4096:2])):
        if zeros.count(0) > len(zeros) // 2:
            return encoding
    try:
        content.decode()
    except UnicodeDecodeError:
        return ""
    return "utf-8-sig"


def _guessed_encoding(content: bytes) -> str:
    possible = [*ENCODINGS, OLD_MAC] if b"\r" in content and b"\n" not in content else ENCODINGS
    try:
        found = from_bytes(content, cp_isolation=possible).best()
    except UnicodeError:
        found = None
    if found is None:
        raise Unreadable("encoding")
    return "utf-8-sig" if found.encoding == "utf_8" else found.encoding


def _read_lines(
    lines: Iterator[str], countries: tuple[str, ...], chosen: Sequence[int], result: ParsedNumbers, most: int | None
) -> ParsedNumbers:
    first = list(islice(lines, SAMPLE))
    every: Iterator[str] = chain(first, lines)
    if are_wrapped(first):
        every, first = map(unwrap, every), [unwrap(line) for line in first]
    source = rows(every, delimiter(first))
    sample = list(islice(source, SAMPLE))
    result.columns = find_columns(sample, countries, chosen)
    seen, before = set(result.numbers), result.rows
    body = (row for row in chain(sample, source) if row.number != result.columns.header)
    for row in islice(body, before, None if most is None else before + most):
        result.rows += 1
        _add_row(result, seen, row, countries)
    return result


def _add_row(result: ParsedNumbers, seen: set[str], row: Row, countries: tuple[str, ...]) -> None:
    before = len(result.numbers)
    for one in _readings(result, row, countries):
        if one.reason or one.number in seen:
            result.refuse(one.reason or "twice", row.number)
        else:
            seen.add(one.number)
            result.numbers.append(one.number)
    result.taken += len(result.numbers) > before


def _readings(result: ParsedNumbers, row: Row, countries: tuple[str, ...]) -> list[Reading]:
    """Return the numbers in a row, or at least one reason."""
    if row.too_long or result.rows > MOST_ROWS:
        return [Reading(reason="long" if row.too_long else "over")]
    found = [one for cell in _cells(result.columns, row) for one in numbers_in(cell, countries)]
    told = [one for one in found if one.reason != "none"]
    return list(dict.fromkeys(told)) or [Reading(reason="none")]


def _cells(columns: Columns, row: Row) -> list[str]:
    """Return the cells to read, with any beyond the header's last column, as they may hold a number too."""
    behind = row.cells[columns.width :] if columns.width else []
    return [row.cells[one.index] for one in columns.read if one.index < len(row.cells)] + behind


def ranges(lines: Sequence[int], most: int = 400) -> tuple[list[str], int]:
    """Return line numbers as at most `most` ranges, like `3` or `7-12`, and how many lines are left out."""
    spans: list[tuple[int, int]] = []
    for line in lines:
        if spans and line == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], line)
        else:
            spans.append((line, line))
    left_out = sum(last - first + 1 for first, last in spans[most:])
    return [str(first) if first == last else f"{first}-{last}" for first, last in spans[:most]], left_out
