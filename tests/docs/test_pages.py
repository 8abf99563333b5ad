"""Other checks of the pages: sums add up, tests exist, every page is in the contents, nothing is personal."""

from __future__ import annotations

import re
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PRODUCT = re.compile(r"([\d,.]*\d) × ([\d,.]*\d) = ([\d,.]*\d)")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
MACHINE = re.compile(r"/work/|/root/|/home/\w|/tmp/h")


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_the_sums_are_right() -> None:
    text = (DOCS / "operate" / "costs.md").read_text(encoding="utf-8")
    products = PRODUCT.findall(text)
    assert len(products) > 18
    for first, second, result in products:
        assert number(first) * number(second) == number(result), f"{first} × {second} = {result}"


@pytest.mark.parametrize("column", [1, 2, 3])
def test_the_columns_add_up(column: int) -> None:
    text = (DOCS / "operate" / "costs.md").read_text(encoding="utf-8").partition("## The sums")[2]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    parts = [number(row[column].rpartition("= ")[2]) for row in rows[1:6]]
    assert sum(parts) == number(rows[6][column])
    assert rows[7][column].startswith(f"{rows[6][column]} × ")


def test_every_test_that_a_page_names_exists() -> None:
    named = [found for page in DOCS.rglob("*.md") for found in NAMED.findall(page.read_text(encoding="utf-8"))]
    assert len(named) > 50
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in _read(file)]
    assert missing == []


def _read(file: str) -> str:
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_no_page_holds_marks_of_a_merge() -> None:
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    marked = [page.name for page in pages if re.search(r"^(<{7}|={7}$|>{7})", page.read_text(encoding="utf-8"), re.M)]
    assert marked == []


def test_every_page_stands_in_the_contents() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    listed = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    pages = {str(page.relative_to(DOCS)).removesuffix(".md") for page in DOCS.rglob("*.md")} - {"index"}
    assert [page for page in sorted(pages) if not any(fnmatchcase(page, line) for line in listed)] == []
    assert [line for line in listed if not any(fnmatchcase(page, line) for page in pages)] == []


def test_no_page_names_a_machine() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    assert [page.name for page in pages if MACHINE.search(page.read_text(encoding="utf-8"))] == []


def test_pictures_are_small() -> None:
    large = [path.name for path in (DOCS / "pictures").iterdir() if path.stat().st_size > 150_000]
    assert large == []
