"""What commands print: tables that fit 80 columns, JSON for scripts, counts that reveal nobody, progress bars."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import click
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from smsgate.core import privacy

WHEN = "%Y-%m-%d %H:%M"
FEWER = f"fewer than {privacy.FEW}"
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")

Cell = str | int | date | None  # a bool is an int, a datetime a date
Rows = Sequence[Sequence[Cell]]


def print_rows(columns: Sequence[str], rows: Rows, *, as_json: bool, zone: str = "") -> None:
    """Print rows as a table, or as a JSON list of objects. `zone` names the time zone that the times are in."""
    if as_json:
        print_json(as_objects(columns, rows))
        return
    Console().print(table(columns, rows))
    if zone:
        click.echo(f"Times are in {zone}.")


def print_wrapped(text: str) -> None:
    """Print a text that holds names, wrapped at words."""
    Console().print(Text(text))


def print_json(value: object) -> None:
    """Print a value as JSON; dates and times in ISO 8601, times with their offset."""
    click.echo(json.dumps(value, default=lambda moment: moment.isoformat(), ensure_ascii=False, indent=2))


def as_objects(columns: Sequence[str], rows: Rows) -> list[Mapping[str, Cell]]:
    """Return each row as an object; its keys are the column names, with underscores for spaces."""
    return [dict(zip((name.replace(" ", "_") for name in columns), row, strict=True)) for row in rows]


def table(columns: Sequence[str], rows: Rows) -> Table:
    """Lay out rows so that they fit the terminal: long words are broken, numbers and times are not."""
    layout = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, name in enumerate(columns):
        is_short = all(isinstance(row[position], int | date) for row in rows)
        layout.add_column(Text(name), overflow="fold", no_wrap=is_short and bool(rows))
    for row in rows:
        layout.add_row(*(Text(_cell_text(cell)) for cell in row))
    return layout


def _cell_text(cell: Cell) -> str:
    if cell is None or isinstance(cell, bool):
        return "yes" if cell else ""
    return f"{cell:{WHEN}}" if isinstance(cell, datetime) else str(cell)


def few_text(count: int) -> str:
    """Format a count so that it cannot reveal a single person."""
    return privacy.few(count, FEWER) if count else "none"


def few_at_most_text(count: int) -> str:
    """Format a count of answers. Zero reads like any small count; otherwise the first answer would be noticeable."""
    return FEWER if privacy.is_few(count) else str(count)


def people_text(count: int) -> str:
    """Format a number of people: `1 person`, `2 people`."""
    return "1 person" if count == 1 else f"{count} people"


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function that advances a bar by a number of rows. The bar shows only if standard error is a terminal."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, advance=done)
