"""CSV that we write never runs as a formula in a spreadsheet."""

from __future__ import annotations

import re

import pytest

from smsgate.core.spreadsheets import safe_cell, table

BEFORE = ["", " ", "\t", "\r", "\n", "\0", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u200e", " \t \0", "\x1f"]
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹣", "⁺", "\N{MINUS SIGN}"]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("sign", SIGNS)
def test_what_looks_like_a_formula_is_made_harmless(before: str, sign: str) -> None:
    cell = safe_cell(f"{before}{sign}cmd|'/c calc'!A1")
    assert cell.startswith("'")
    assert "\0" not in cell
    lines = b"".join(table([(f"{before}{sign}1", 'say "hi", all', "…")])).decode("utf-8-sig")
    assert lines.lstrip('"').startswith("'")
    assert '"say ""hi"", all"' in lines


@pytest.mark.parametrize("cell", ["\tx", "\rx", "\nx", "\0\tx"])
def test_a_control_at_the_beginning_counts_alone(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


@pytest.mark.parametrize("cut", [";", "; ", "\n", "\r\n", "\t", '";'])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_cell_that_another_spreadsheet_cuts_in_two_is_harmless_too(cut: str, sign: str) -> None:
    """In French, cells end at semicolons, so that our commas and quotes protect nothing."""
    lines = b"".join(table([("2026-11-23", f"Chai{cut}{sign}1+1")])).decode("utf-8-sig")
    for part in re.split(r"[;\t\r\n]", lines):
        assert part.strip()[:1] not in SIGNS


@pytest.mark.parametrize(
    "cell", ["", "Amina", "a; b", "one\ntwo", ";", "x;", "12", "a=b", "e-mail@home", " hello", "中文", "1-2"]
)
def test_all_else_stays_as_it_is(cell: str) -> None:
    assert safe_cell(cell) == cell
