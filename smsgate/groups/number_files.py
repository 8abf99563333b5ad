"""Reads files of phone numbers as any spreadsheet writes them, and writes CSV that no spreadsheet executes.

Files are read line by line, so a quotation mark that is never closed spoils one line, and each bad line is reported.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from smsgate.core.phone_numbers import NotANumber, e164

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000
SAMPLE = 20  # lines by which the delimiter and the column of numbers are recognised
PIECE = 64 * 1024
LONGEST_LINE = 10_000
MARKS = ";\t,"
ZIPPED, PICTURED = b"PK\x03\x04", (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")
A_NUMBER = re.compile(r"\+?[\d\s().\-/]{7,30}")
ROUNDED = re.compile(r"[+\-]?\d([.,]\d+)?[eE]\+?\d+")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"))
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Unreadable(ValueError):
    """The file as a whole cannot be read; `reason` is spreadsheet, binary, encoding, big or empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class ParsedNumbers:
    """The valid E.164 numbers, each once, and the refused line numbers by reason.

    Reasons: none (no number on the line), unreadable, country, fixed, formula, rounded, twice, over (too many lines).
    """

    numbers: list[str] = field(default_factory=list)
    bad: dict[str, list[int]] = field(default_factory=dict)

    def refuse(self, reason: str, line: int) -> None:
        """Note a refused line, counted from 1 as a spreadsheet does."""
        self.bad.setdefault(reason, []).append(line)


def read(file: BinaryIO, countries: tuple[str, ...]) -> ParsedNumbers:
    """Return the numbers of a CSV file or plain list; `countries` are region codes, the first reads local numbers.

    Raises Unreadable.
    """
    words = io.TextIOWrapper(file, encoding=_encoding(file), errors="strict", newline=None)
    try:
        return _read_lines(enumerate(_lines(words), start=1), countries)
    except UnicodeError:
        raise Unreadable("encoding") from None
    finally:
        words.detach()


def _lines(words: io.TextIOWrapper) -> Iterator[str]:
    while line := words.readline(LONGEST_LINE):
        if "\0" in line:
            raise Unreadable("binary")
        yield line.rstrip("\r\n")


def _encoding(file: BinaryIO) -> str:
    """The file's encoding, as far as its bytes tell; raises Unreadable."""
    start = file.read(PIECE)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise Unreadable("big")
    if not start.strip():
        raise Unreadable("empty")
    if start.startswith(ZIPPED):
        raise Unreadable("spreadsheet")
    if start.startswith(PICTURED):
        raise Unreadable("binary")
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(BOM_UTF8):
        return "utf-8-sig"
    if b"\0" in start:
        return _utf16_without_bom(start)
    return "utf-8" if _is_utf8(file) else "cp1252"


def _utf16_without_bom(start: bytes) -> str:
    """UTF-16 without a byte order mark: in Latin letters and digits every other byte is 0."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) / 4:
        raise Unreadable("binary")
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(file: BinaryIO) -> bool:
    decoder = getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _read_lines(lines: Iterator[tuple[int, str]], countries: tuple[str, ...]) -> ParsedNumbers:
    sample = list(islice(lines, SAMPLE))
    mark = next((line[4:5] for _n, line in sample[:1] if line.casefold().startswith("sep=")), "") or _delimiter(sample)
    rows = [(number, _cells(line, mark)) for number, line in sample if line and not line.casefold().startswith("sep=")]
    column = _number_column([cells for _n, cells in rows], countries)
    result, seen, count, past_header = ParsedNumbers(), set[str](), 0, False
    for line, cells in chain(rows, ((number, _cells(text, mark)) for number, text in lines)):
        if not any(cells):
            continue
        cell = cells[column] if column < len(cells) else ""
        if not past_header and not re.search(r"\d", cell):
            past_header = True
            continue  # the header row
        past_header = True
        count += 1
        _add_cell(result, seen, line, cell if count <= MOST_ROWS else None, countries)
    return result


def _add_cell(result: ParsedNumbers, seen: set[str], line: int, cell: str | None, countries: tuple[str, ...]) -> None:
    reason, number = ("over", "") if cell is None else check_cell(cell, countries)
    if not reason and number in seen:
        reason = "twice"
    if reason:
        result.refuse(reason, line)
    else:
        seen.add(number)
        result.numbers.append(number)


def check_cell(cell: str, countries: tuple[str, ...]) -> tuple[str, str]:
    """Return why a cell is refused, "" if it is not, and its number in E.164."""
    text = cell.strip()
    if not text:
        return "none", ""
    if text[0] in "=@" or re.match(r"[+\-][^\d(]", text):
        return "formula", ""
    if ROUNDED.fullmatch(text):
        return "rounded", ""
    text = re.sub(r"\.0+$", "", text)
    if not A_NUMBER.fullmatch(text):
        return ("unreadable" if re.search(r"\d", text) else "none"), ""
    try:
        return "", e164(text, countries)
    except NotANumber as error:
        return error.reason, ""


def _delimiter(lines: Sequence[tuple[int, str]]) -> str:
    counts = {mark: sum(line.count(mark) for _n, line in lines) for mark in MARKS}
    best = max(MARKS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _cells(line: str, delimiter: str) -> list[str]:
    """Split a line into cells; a leading apostrophe is how spreadsheets mark text."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), []) if '"' in line else line.split(delimiter)
    except csv.Error:
        cells = [line]
    return [cell.translate(INVISIBLE).strip().removeprefix("'") for cell in cells]


def _number_column(rows: Sequence[Sequence[str]], countries: tuple[str, ...]) -> int:
    """The index of the column with the most valid numbers, then with the most digits; the first of equals."""
    width = max(map(len, rows), default=1)

    def worth(column: int) -> tuple[int, int]:
        cells = [row[column] for row in rows if column < len(row)]
        return sum(not check_cell(cell, countries)[0] for cell in cells), sum(
            len(re.findall(r"\d", cell)) for cell in cells
        )

    return max(range(max(width, 1)), key=lambda column: (*worth(column), -column))


def ranges(lines: Sequence[int], most: int = 400) -> tuple[list[str], int]:
    """Line numbers as `most` ranges at most, like `3` or `7-12`, and how many lines are left out."""
    spans: list[tuple[int, int]] = []
    for line in lines:
        if spans and line == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], line)
        else:
            spans.append((line, line))
    left_out = sum(last - first + 1 for first, last in spans[most:])
    return [str(first) if first == last else f"{first}-{last}" for first, last in spans[:most]], left_out


def safe_cell(cell: str) -> str:
    """Escape a cell that a spreadsheet could take for a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def table(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV row by row, in UTF-8 with the byte order mark by which spreadsheets recognise it."""
    yield BOM_UTF8
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
