"""Numbers are understood as people type them; if it could be two numbers, or none, the service asks again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.flows.typed.numbers import read_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3", 3), (" 3. ", 3), ("007", 7), ("24ans", 24), ("24 ans", 24), ("miaka 24", 24), ("I am 24", 24),
        ("lOO", 100), ("1O", 10), ("l5", 15), ("2O years", 20), ("1,000,000", 1_000_000), ("1.000.000", 1_000_000),
        ("1 000 000", 1_000_000), ("1\u202f000", 1000), ("1,000", 1000),
        ("KES 1,500", 1500), ("10k", 10_000), ("3.0", 3),
        ("5,00", 5), ("１２", 12), ("٢٤", 24), ("about 5", 5), ("20%", 20), ("#4", 4), ("(7)", 7), ("0", 0),
    ],
)  # fmt: skip
def test_a_number_is_read(typed: str, number: int) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "two",
        "I will",
        "oo",
        "Il",
        "lo",
        "5 or 6",
        "5-6",
        "2.5",
        "2,5",
        "-3",
        "24/12",
        "9" * 40,
        "1,00,0,0",
        "io",
        "oil",
    ],
)
def test_what_is_no_one_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


@given(st.integers(0, 999_999_999_999), st.sampled_from(["{}", "{:,}", " {} ", "{} ans", "about {}", "({})", "{}."]))
def test_a_number_in_words_around_it_is_that_number(number: int, form: str) -> None:
    assert read_number(form.format(number)) == number


@given(st.text(max_size=40))
def test_whatever_is_typed_ends_in_a_number_or_none(typed: str) -> None:
    number = read_number(typed)
    assert number is None or number >= 0
