"""Message lengths, checked against smsutil where it is right and against the standard where it is not."""

from __future__ import annotations

import time

import pytest
import smsutil
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smsgate.core.graphemes import EMOJI, clip, clusters
from smsgate.core.gsm7 import (
    BASIC,
    EXTENDED,
    changed_words,
    changes,
    expensive_chars,
    is_gsm7,
    non_gsm_chars,
    segments,
    transliterate,
    units,
)

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
    assume(not any(len(emoji[0]) > 1 for emoji in EMOJI.finditer(text)))  # nor does it keep ☎️ together
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
        ("ж" * 62 + "👩‍👩‍👧" + "ж" * 60, 130, 3),  # a family stays together: 62, 8 + 59, 1
        ("ж" * 65 + "🇰🇪" + "ж" * 63, 132, 2),
        ("ж" * 65 + "👍🏽" + "ж" * 64, 133, 3),
        ("\U0001f468" + "\u200d\U0001f468" * 30, 92, 2),  # longer than any part, so it is split
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


@given(st.text(st.sampled_from([*sorted(BASIC), *sorted(EXTENDED), *map(chr, range(0xC0, 0x250))]), max_size=300))
def test_accents_are_replaced_at_once_as_they_are_one_by_one(text: str) -> None:
    one_by_one = "".join(transliterate(cluster) for cluster in clusters(text))
    assert transliterate(text) == (one_by_one if is_gsm7(one_by_one) else text)
    assert segments(transliterate(text)) <= segments(text)


@given(any_text)
def test_culprits_are_what_makes_it_ucs2(text: str) -> None:
    found = non_gsm_chars(text)
    assert (found == []) is is_gsm7(text)
    assert len(found) == len(set(found))
    assert all(char not in BASIC | EXTENDED for char in found)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Friday\u200b at 3", "Friday at 3"),
        ("zero\u200c\u200dwidth", "zerowidth"),
        ("no\u2060break", "nobreak"),
        ("mon\u180egol", "mongol"),
        ("one\u2028two", "one\ntwo"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202a+254 711\u202c", "+254 711"),
        ("bell\x07 and\x00 nothing", "bell and nothing"),
        ("\u3164Amina\u2800\ufe0f!", "Amina !"),
        ("\ufeffwa\u034fwa", "wawa"),
        ("Friday‚ 5 o'clock", "Friday, 5 o'clock"),
        ("‚so‘", "'so'"),
        ("5′ 6″", "5' 6\""),
        ("ﬁrst oﬃce", "first office"),
        ("Łukasz, Đoko, Iılgın", "Lukasz, Doko, Iilgin"),
        ("№ 5", "No 5"),
        ("½ hour, 1½ hours", "1/2 hour, 1 1/2 hours"),
        ("m² ①②", "m2 (1)(2)"),
        ("𝐁𝐨𝐥𝐝 ｆｕｌｌ Ⅳ", "Bold full IV"),
        ("wе cоme", "we come"),  # Cyrillic е and о
        ("Wanjikũ, Ọmọ", "Wanjiku, Omo"),
        ("room 4 → 5, ≤ 10", "room 4 -> 5, <= 10"),
        ("a\u2003b\u3000c", "a b c"),
        ("‒ ― －", "- - -"),
    ],
)
def test_what_nobody_sees_is_left_out_and_the_like_gets_cheaper(text: str, sent: str) -> None:
    assert transliterate(text) == sent
    assert expensive_chars(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ɓaawo ɗoo ŋuna ƴetta", ["ɓ", "ɗ", "ŋ", "ƴ"]),  # letters of Fula, Hausa and Luo
        ("Friday\u200b ŋ", ["ŋ"]),
        ("10²", ["²"]),  # 102 would be another number
        ("Привет", ["П", "р", "и", "в", "е", "т"]),
        ("👩‍👩‍👧 🇰🇪🇺🇬 👍🏽👍🏿", ["👩‍👩‍👧", "🇰🇪", "🇺🇬", "👍🏽", "👍🏿"]),
        ("\u0301x \ue000", ["◌\u0301", "U+E000"]),
        ("…" * 60, ["…"]),  # three dots for each would need a second SMS
    ],
)
def test_what_stays_is_named_so_that_people_can_see_it(text: str, named: list[str]) -> None:
    assert transliterate(text) == text
    assert expensive_chars(text) == named
    assert changes(text) == []


def test_authors_are_told_of_what_is_more_than_typography() -> None:
    told = changes("Friday\u200b: Łukasz’s ½ pêche – ﬁne")
    assert [(one.was, one.now, one.after) for one in told] == [
        ("", "", "Friday"), ("Ł", "L", ""), ("½", "1/2", ""), ("ê", "e", ""), ("ﬁ", "fi", ""),
    ]  # fmt: skip
    assert changed_words("Friday\u200b: Łukasz’s ½ pêche – ﬁne") == ["Lukasz's", "1/2", "peche", "fine"]
    assert changes("It’s “here” – Hélène est\u00a0là…") == []


@pytest.mark.parametrize(
    "char", "\u200b\u200c\u200d\u2060\u180e\u00ad\ufeff\u202a\u034f\ufe0f\x07‚′″«№½ﬁŁıçêëîôûÇÊœ×•ﬀ²ⅠＡ①ɓɗŋƴɛɔƙẹʋ☺😀→ªº™"
)
def test_nothing_is_changed_or_dearer_without_its_author_knowing(char: str) -> None:
    text = f"Come{char} on Friday"
    assert is_gsm7(text) or changes(text) or expensive_chars(text)
    assert not is_gsm7(transliterate(text)) or "Come" in transliterate(text)


@given(any_text)
def test_nothing_is_named_that_is_not_there_and_nothing_expensive_goes_unnamed(text: str) -> None:
    if is_gsm7(transliterate(text)):
        assert expensive_chars(text) == []
    else:
        assert expensive_chars(text)
        assert changes(text) == []


emoji = st.sampled_from(
    [
        "👩‍👩‍👧",
        "🇰🇪",
        "👍🏽",
        "❤️",
        "1️⃣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🧑🏿‍❤️‍🧑🏻",
        "e\u0301\u0323",
    ]
)


@given(st.lists(st.one_of(emoji, st.sampled_from(["a", "ж", " ", "ŋ"])), max_size=80), st.integers(0, 200))
def test_no_emoji_is_cut(pieces: list[str], most: int) -> None:
    text = "".join(pieces)
    assert clusters(text) == pieces
    assert segments(text) >= 1
    cut = clip(text, most)
    assert len(cut) <= most
    assert text.startswith(cut)
    if cut and len(pieces[0]) <= most:
        assert clusters(cut) == pieces[: len(clusters(cut))]


@pytest.mark.parametrize("piece", ["ﬁ", "ﬁ ", "\ufdfa", "e\u0301", "Аb", "1½", "👍🏽", "a\u034f"])
def test_the_longest_posts_cost_little(piece: str) -> None:
    """4,000 ligatures once took a third of a second, and 20,000 took minutes: the time grew with the square."""
    text = piece * (64_000 // len(piece))
    began = time.process_time()
    for does in (transliterate, changes, expensive_chars, changed_words):
        does(text)
    assert time.process_time() - began < 0.3
