"""Message lengths, checked against smsutil where it is right and against the standard where it is not."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smsgate.core.gsm7 import BASIC, EXTENDED, is_gsm7, non_gsm_chars, segments, transliterate, units

gsm_text = st.text(st.sampled_from(sorted(BASIC)), max_size=800)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(gsm_text)
@example("")
@example("a" * 160)
@example("a" * 161)
@example("a" * 306)
@example("a" * 307)
def test_gsm7_as_smsutil_counts_it(text: str) -> None:
    assume("\x1b" not in text)
    assert is_gsm7(text)
    assert units(text) == len(text)
    assert segments(text) == max(1, len(smsutil.split(text).parts))


@given(any_text)
@example("ж" * 70)
@example("ж" * 71)
@example("ж" * 134)
@example("ж" * 135)
def test_ucs2_as_smsutil_counts_it(text: str) -> None:
    assume(not is_gsm7(text))
    assume(all(ord(char) < 0x10000 for char in text))  # smsutil splits an emoji between parts
    assume("\x1b" not in text)
    assert segments(text) == len(smsutil.split(text).parts)


@pytest.mark.parametrize(
    ("text", "long", "parts"),
    [
        ("", 0, 1),
        ("€", 2, 1),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),  # a part of 153 holds 76 of them, not 76 and a half
        ("a" * 152 + "€" + "a" * 10, 164, 2),
        ("a" * 152 + "€" + "a" * 151, 305, 2),  # the € opens the second part: 2 + 151 = 153
        ("a" * 152 + "€" + "a" * 152, 306, 3),  # 306 would fit into two parts, but the € falls on the boundary
        ("[]{}\\~^|\f", 18, 1),
        ("\x1b", 1, 1),  # a bare escape is in neither alphabet, so the text becomes UCS-2
        ("😀", 2, 1),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("ж" * 66 + "😀" + "ж" * 66, 134, 3),  # a surrogate pair is not split between parts
        ("👩‍👩‍👧", 8, 1),
    ],
)
def test_known_cases(text: str, long: int, parts: int) -> None:
    assert units(text) == long
    assert segments(text) == parts


@given(any_text)
def test_a_text_is_never_billed_below_its_length(text: str) -> None:
    part = 153 if is_gsm7(text) else 67
    assert segments(text) >= (1 if units(text) <= (160 if is_gsm7(text) else 70) else -(-units(text) // part))


@pytest.mark.parametrize(
    ("text", "cheaper"),
    [
        ("It’s “here” – now…", 'It\'s "here" - now...'),
        ("Réunion à l’école, être prêt", "Réunion à l'école, etre pret"),
        ("Ça va, naïve œuvre", "Ça va, naive oeuvre"),
        ("a\u00a0b\u202fc\u200bd\te", "a b cd e"),
        ("e\u0301cole", "école"),  # decomposed, as some phones send it
        ("мир’", "мир’"),  # nothing is gained, so it stays unchanged
        ("Sawa 😀’", "Sawa 😀’"),
        ("plain", "plain"),
    ],
)
def test_folding(text: str, cheaper: str) -> None:
    assert transliterate(text) == cheaper


@given(any_text)
def test_folding_is_done_once_and_only_where_it_pays(text: str) -> None:
    cheaper = transliterate(text)
    assert transliterate(cheaper) == cheaper
    assert cheaper == text or is_gsm7(cheaper)
    assert segments(cheaper) <= segments(text)


@given(any_text)
def test_culprits_are_what_makes_it_ucs2(text: str) -> None:
    found = non_gsm_chars(text)
    assert (found == []) is is_gsm7(text)
    assert len(found) == len(set(found))
    assert all(char not in BASIC | EXTENDED for char in found)
