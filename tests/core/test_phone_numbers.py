"""Reading phone numbers as people type them, and showing as little of them as possible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.core.phone_numbers import NotANumber, e164, masked, readable_number

KENYA = ("KE",)


@pytest.mark.parametrize(
    "typed",
    [
        "0711000001", "0711 000 001", "711000001", "254711000001", "+254711000001", " +254 711-000-001 ",
        "(0711) 000001", "00254711000001", "+00254711000001", "000254711000001", "+254 (0)711 000 001",
        "0711.000.001", "tel:+254711000001", '="0711000001"', "p:+254711000001", "'0711000001", "+ 254 711 000001",
        "\u202a+254\u00a0711\u2011000\u2011001\u202c", "0711\u00ad000\u200b001", "\ufeff0711000001",
        "０７１１０００００１", "٠٧١١٠٠٠٠٠١", "०७११०००००१", "0711–000–001",
        "0711\u2212000\u2212001", "０７１１ー０００００１",
    ],
)  # fmt: skip
def test_a_number_however_it_is_typed(typed: str) -> None:
    assert e164(typed, KENYA) == "+254711000001"


@pytest.mark.parametrize(
    ("typed", "countries", "reason"),
    [
        ("", KENYA, "unreadable"),
        ("hello", KENYA, "unreadable"),
        ("123", KENYA, "unreadable"),
        ("0711", KENYA, "unreadable"),
        ("PEERS", KENYA, "unreadable"),
        ("7" * 40, KENYA, "unreadable"),
        ("+256712345678", KENYA, "country"),
        ("+447911123456", KENYA, "country"),
        ("020 2222222", KENYA, "fixed"),
        ("+80012345678", KENYA, "service"),  # toll-free worldwide
        ("0800720000", KENYA, "service"),
        ("0711OOO001", KENYA, "letters"),  # a keypad would make it 0711666001, somebody else's
        ("0711 ABCDEF", KENYA, "letters"),
        ("o711000001", KENYA, "letters"),
        ("2.54711000001E+11", KENYA, "letters"),
        ("0711000001 (Amina)", KENYA, "letters"),
        ("0711000001x2", KENYA, "extension"),
        ("0711000001 ext 5", KENYA, "extension"),
        ("0711000001;ext=5", KENYA, "extension"),
        ("0711000001#2", KENYA, "extension"),
        ("0711000001/2", KENYA, "extension"),
        ("0711000001,,2", KENYA, "extension"),
        ("0711000001;0711000002", KENYA, "several"),
        ("0711000001 / 0711000002", KENYA, "several"),
        ("0711000001, 0711000002", KENYA, "several"),
        ("0711000001 na 0711000002", KENYA, "several"),
        ("0711000001 2", KENYA, "unreadable"),
        ("++254711000001", KENYA, "unreadable"),
        ("*384*77#", KENYA, "unreadable"),
        ("22384", KENYA, "unreadable"),  # a short code: replying to it could loop and burn credit
    ],
)
def test_what_is_no_number_to_text(typed: str, countries: tuple[str, ...], reason: str) -> None:
    with pytest.raises(NotANumber) as raised:
        e164(typed, countries)
    assert raised.value.reason == reason
    assert str(raised.value) == reason  # the reason only, never what was typed


def test_the_first_country_reads_local_numbers_and_the_others_are_allowed() -> None:
    assert e164("+256712345678", ("KE", "UG")) == "+256712345678"
    assert e164("0712345678", ("UG", "KE")) == "+256712345678"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_number_or_is_not(typed: str) -> None:
    try:
        found = e164(typed, KENYA)
    except NotANumber:
        return
    assert found.startswith("+254")
    assert e164(found, KENYA) == found


@given(st.text("0123456789OolI ;,/x#+()-.\u200b\u202a٧", max_size=24).map(lambda tail: "0711000001" + tail))
def test_nothing_behind_a_number_is_lost_in_silence(typed: str) -> None:
    """A number that is read has every typed digit, and no letters that a keypad would turn into digits."""
    try:
        found = e164(typed, KENYA)
    except NotANumber:
        return
    digits = "".join(str(int(char)) for char in typed if char.isdigit())
    assert found == "+254" + digits[1:]
    assert not any(char.isalpha() or char in "#;,/" for char in re.sub(r"[;\W]*$", "", typed))


@given(st.from_regex(r"\+[1-9][0-9]{8,14}", fullmatch=True))
def test_a_masked_number_can_not_be_called(number: str) -> None:
    shown = masked(number)
    assert number not in shown
    assert sum(char.isdigit() for char in shown) <= 7


def test_masked_and_spoken() -> None:
    assert masked("+254711000001") == "+254*****0001"
    assert masked("+2547") == "*****"
    assert readable_number("+254711000001") == "+254 711 000001"
    assert readable_number("nonsense") == "nonsense"
