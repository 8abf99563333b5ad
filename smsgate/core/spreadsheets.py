"""Writes CSV that no spreadsheet executes: every cell of every file we hand out goes through `safe_cell`."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

FORMULA = frozenset("=+-@\N{MINUS SIGN}")
CUTS = re.compile(r"([;\t\r\n])")
UNSEEN = ("C", "Z")  # Unicode's controls, formats and blanks, which a spreadsheet may skip


def safe_cell(cell: str) -> str:
    """Defuse a cell that a spreadsheet could read as a formula, whatever invisible characters come first.

    Full-width and superscript signs count as plain ones. NUL, at which some readers end a cell, is removed. Where
    spreadsheets separate cells by semicolons, as in French, ours is cut at these, and at the ends of its lines.
    """
    cell = cell.replace("\0", "")
    first, *others = CUTS.split(cell)
    starts_oddly = unicodedata.category(cell[:1] or "x") == "Cc"  # a tab, or the end of a line
    mark = "'" if starts_oddly or _is_formula(cell) else ""
    return mark + first + "".join(f"'{part}" if _is_formula(part) else part for part in others)


def _is_formula(text: str) -> bool:
    seen = "".join(unicodedata.normalize("NFKC", sign) for sign in text if unicodedata.category(sign)[0] not in UNSEEN)
    return seen[:1] in FORMULA


def write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as CSV, each cell through `safe_cell`."""
    writer = csv.writer(file)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])


def table(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV row by row, in UTF-8 with the byte order mark by which spreadsheets recognise it."""
    yield BOM_UTF8
    for row in rows:
        buffer = io.StringIO()
        write_rows(buffer, [row])
        yield buffer.getvalue().encode()
