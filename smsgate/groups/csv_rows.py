"""The rows of a CSV file, with any delimiter and with cells that span several lines.

A quotation mark that is never closed spoils only its own line.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

MARKS = ";\t,|"
MOST_JOINED = 50  # lines in one row
LONGEST_ROW = 100_000  # characters
MOST_PARSED = 60_000  # rows; further ones are yielded without cells


class Row(NamedTuple):
    """A row's number, counted from 1 as in a spreadsheet, and its cells; no cells if the row is too long."""

    number: int
    cells: list[str]
    too_long: bool = False


def delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter: the mark that gives the most rows the same width, then the most rows several cells."""
    if lines and lines[0].casefold().startswith("sep="):
        return lines[0][4:5] or ","
    filled = [line for line in lines if line.strip()]

    def worth(mark: str) -> tuple[int, int]:
        widths = Counter(len(_lenient(line, mark)) for line in filled)
        width, alike = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        several = sum(count for wide, count in widths.items() if wide > 1)
        return (alike if width > 1 else 0), several

    best = max(MARKS, key=worth)
    return best if worth(best)[1] else ","


def are_wrapped(lines: Sequence[str]) -> bool:
    """Return whether each row is one quoted cell that contains all its cells, as some spreadsheets re-save a CSV."""
    filled = [line for line in lines if line.strip()]
    return bool(filled) and all(_wrapped(line) for line in filled)


def unwrap(line: str) -> str:
    """Return a row without the quotes around the whole of it."""
    return line.strip()[1:-1].replace('""', '"') if _wrapped(line) else line


def _wrapped(line: str) -> bool:
    inner = line.strip()[1:-1].replace('""', "")
    return len(line.strip()) > 1 and line.strip()[0] == line.strip()[-1] == '"' and '"' not in inner


def rows(lines: Iterable[str], mark: str) -> Iterator[Row]:
    """Yield the rows that are not empty."""
    source, ahead = iter(lines), deque[str]()
    number = parsed = 0
    while (line := _next(ahead, source)) is not None:
        number += 1
        if len(line) > LONGEST_ROW or parsed > MOST_PARSED:
            yield from [Row(number, [], too_long=len(line) > LONGEST_ROW)] if line.strip() else []
            continue
        cells = [cell.strip() for cell in _cells(line, mark, ahead, source)]
        if any(cells) and not (number == 1 and line.casefold().startswith("sep=")):
            parsed += 1
            yield Row(number, cells)


def _next(ahead: deque[str], source: Iterator[str]) -> str | None:
    return ahead.popleft() if ahead else next(source, None)


def _cells(line: str, mark: str, ahead: deque[str], source: Iterator[str]) -> list[str]:
    if '"' not in line:
        return line.split(mark)
    cells = _strict(line, mark)
    return cells if cells is not None else _joined(line, mark, ahead, source) or _lenient(line, mark)


def _joined(line: str, mark: str, ahead: deque[str], source: Iterator[str]) -> list[str]:
    """Return the cells of a row that spans several lines; if its quote never closes, [], and no line is used up."""
    taken, size = list[str](), len(line)
    while _is_open("\n".join([line, *taken]), mark) and len(taken) < MOST_JOINED and size <= LONGEST_ROW:
        while (more := _next(ahead, source)) is not None:
            taken.append(more)
            size += len(more)
            if '"' in more or len(taken) >= MOST_JOINED or size > LONGEST_ROW:
                break
        if (cells := _strict("\n".join([line, *taken]), mark)) is not None:
            return cells
        if more is None:
            break
    ahead.extendleft(reversed(taken))
    return []


def _strict(text: str, mark: str) -> list[str] | None:
    try:
        return next(csv.reader(_with_ends(text), delimiter=mark, strict=True), [])
    except csv.Error:
        return None


def _is_open(text: str, mark: str) -> bool:
    """Return whether a quotation mark has not been closed yet."""
    return _strict(text + '"', mark) is not None


def _with_ends(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")]


def _lenient(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), []) if '"' in line else line.split(mark)
    except csv.Error:
        return [line]
