"""Screens: any text and any choice fits its pages, no word is cut or lost, and every option can be reached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.core.graphemes import clusters
from smsgate.core.gsm7 import transliterate
from smsgate.flows import engine
from smsgate.flows.actions import MyGroups, RaiseHelp
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.screens import BACK, HOME, MORE, fits, lay_out
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

WORDS = st.text("abcdefghij'{}€ü-.?", min_size=1, max_size=20).filter(str.split)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
LABELS = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=40, unique=True)
LIMITS = st.sampled_from([140, 160, 184, 306])


@given(TEXTS, TEXTS, LABELS, LIMITS, st.booleans(), st.booleans())
def test_nothing_is_cut_and_nothing_is_lost(
    told: str, asked: str, labels: list[str], limit: int, can_back: bool, can_home: bool
) -> None:
    question = Choose("q", asked, {f"m{n}": label for n, label in enumerate(labels)})
    pages = lay_out([told], question, limit, can_back=can_back, can_home=can_home)
    lines = [line for page in pages for line in page.text.splitlines()]
    ways = {f"{MORE} More", f"{BACK} Back", f"{HOME} Home"}
    options = [f"{n} {label}" for n, label in enumerate(labels, start=1)]
    said = " ".join(line for line in lines if line not in ways)
    assert all(fits(page.text, limit) for page in pages)
    assert said.split() == " ".join([told, asked, *options]).split()
    assert [line for line in lines if line in set(options)][: len(options)] == options or set(options) <= set(lines)
    assert pages[-1].options == {str(n): f"m{n - 1}" for n in range(1, len(labels) + 1)}


@given(TEXTS, LABELS, LIMITS)
def test_an_option_means_something_only_once_it_was_shown(text: str, labels: list[str], limit: int) -> None:
    question = Choose("q", text, {f"m{n}": label for n, label in enumerate(labels)})
    shown = ""
    for page in lay_out([], question, limit, can_back=False, can_home=False):
        shown += page.text + "\n"
        assert all(f"{number} {labels[int(number) - 1]}" in shown for number in page.options)


def test_the_last_page_of_what_is_only_told_ends_without_ways_out() -> None:
    pages = lay_out(["word " * 60], None, 160, can_back=True, can_home=True)
    assert len(pages) > 1
    assert "98 More" in pages[0].text
    assert "0 Back" not in pages[-1].text


@given(
    st.lists(st.sampled_from(["👩‍👩‍👧", "🇰🇪", "👍🏽", "❤️", "1️⃣", "a", "ж", "e\u0301\u0323", " "]), max_size=150),
    st.sampled_from([80, 160, 182]),
)
def test_no_emoji_is_split_between_pages_and_no_page_is_too_long(pieces: list[str], limit: int) -> None:
    text = " ".join(map(transliterate, "".join(pieces).split()))
    pages = lay_out([text], Ask("x", "Words?"), limit, can_back=True, can_home=True)
    said = "".join(page.text.removesuffix("\n0 Back\n00 Home").removesuffix("\n98 More") for page in pages)
    assert all(fits(page.text, limit) for page in pages)
    assert "".join(said.split()) == "".join(f"{text} Words?".split())
    expected = iter(one for one in clusters(text) if not one.isspace())
    for page in pages:
        shown = page.text.split("\n98 More")[0].split("\nWords?")[0].split("\n0 Back")[0]
        for cluster in clusters(shown):
            assert cluster.isspace() or cluster == next(expected, cluster)


def test_a_text_outside_gsm_has_the_room_that_the_air_gives_it() -> None:
    for page in lay_out(["ሰላም " * 40], None, 160, can_back=False, can_home=False):
        assert len(page.text) <= 70


def _flow(caller: Caller) -> Flow:
    first = yield Choose("first", "First?", {"a": "A", "b": "B"})
    yield Tell(f"You said {first}.")
    groups = yield Do("groups", MyGroups())
    sent = yield Do("sent", RaiseHelp())
    words = yield Ask("words", f"{len(groups)} groups, {sent} sent. Words?")
    yield Tell(words)


def _said(*pairs: tuple[str, str]) -> list[Answer]:
    return [Answer(name, value, AnswerSource.SAID) for name, value in pairs]


def test_an_action_is_done_once_and_its_result_is_remembered() -> None:
    done: list[str] = []

    def perform(do: Do) -> object:
        done.append(do.name)
        return [] if do.name == "groups" else 3

    stop = engine.replay(_flow, Caller(), _said(("first", "a")), perform)
    assert stop.told == ["You said a."]
    assert stop.asked == Ask("words", "0 groups, 3 sent. Words?")
    again = engine.replay(_flow, Caller(), [*stop.answers, Answer("words", "hello", AnswerSource.SAID)], perform)
    assert (again.asked, again.told, done) == (None, ["hello"], ["groups", "sent"])


def test_back_stops_where_something_was_changed() -> None:
    looked = [*_said(("first", "a")), Answer("groups", [], AnswerSource.SEEN)]
    assert engine.back(looked) == []
    assert engine.back([*looked, Answer("sent", 3, AnswerSource.DONE)]) is None
    assert engine.back([]) is None


def test_an_option_that_a_release_took_away_is_asked_again() -> None:
    stop = engine.replay(_flow, Caller(), _said(("first", "gone")), lambda do: None)
    assert isinstance(stop.asked, Choose)


def test_answers_that_no_flow_asks_for_any_more_do_no_harm() -> None:
    stop = engine.replay(_flow, Caller(), _said(("old", "x")), lambda do: None)
    assert stop.asked is not None
    assert stop.asked.name == "first"


def test_a_flow_that_never_asks_is_stopped() -> None:
    def endless(caller: Caller) -> Flow:
        while True:
            yield Tell("on and on")

    with pytest.raises(engine.TooManySteps):
        engine.replay(endless, Caller(), [], lambda do: None)
