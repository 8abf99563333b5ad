"""Survey definitions: read from files that anyone may have written, validated, and walked as by a phone."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.flows.survey import MOST_AGAIN, Place, after, ahead
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.diff import changes
from smsgate.surveys.definitions.schema import ERROR, WARNING, InvalidDefinition, answer_names, parse_definition
from smsgate.surveys.definitions.validation import find_faults, screens
from tests.support.surveys import RIDE


def with_(**changed: Any) -> dict[str, Any]:
    return {**copy.deepcopy(RIDE), **changed}


def why(data: object) -> str:
    with pytest.raises(InvalidDefinition) as caught:
        parse_definition(data)
    return str(caught.value)


def test_every_flow_of_the_library_is_complete_and_may_be_published() -> None:
    known = yaml_files.library()
    assert len(known) == 10
    for name, content in known.items():
        found = parse_definition(yaml_files.load(content))
        assert found["name"] == name
        assert set(found["languages"]) == {"en", "sw", "fr"}
        assert [one for one in find_faults(found) if "it's sent like this" not in one.what] == [], name


def test_an_author_is_told_how_a_survey_is_spelled_on_phones() -> None:
    steps = [{"say": {"en": "Tea\u200b at ½ past, with crème brûlée"}}]
    (found,) = find_faults(parse_definition({**AGE, "steps": steps}))
    assert found.severity == WARNING
    assert "an invisible character after “Tea” is left out, ½ → 1/2, û → u" in found.what


def test_a_file_written_and_read_again_is_the_same() -> None:
    found = parse_definition(RIDE)
    assert parse_definition(yaml_files.load(yaml_files.dump(found).encode())) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": []}, "Add at least"),
        ({"name": "Ride!"}, "small letters"),
        ({"languages": ["de"]}, "one of these: en, sw, fr"),
        ({"title": {"en": "x" * 31}}, "30 characters at most"),
        ({"keep_days": 4000}, "isn't written in the right form"),
        ({"colour": "red"}, "isn't used"),
        ({"languages": ["en", "sw"]}, "Text is missing in sw"),
        ({"steps": [{"say": {"en": "a"}, "to": "nowhere"}]}, "leads to nowhere, which doesn't exist"),
        ({"steps": [{"say": {"en": "a"}, "as": "a"}, {"say": {"en": "b"}, "as": "b", "to": "a"}]}, "leads back to a"),
        ({"steps": [{"say": {"en": "a"}, "as": "a"}, {"say": {"en": "b"}, "as": "a"}]}, "used twice"),
        ({"steps": [{"say": {"en": "a"}, "only_if": {"step": "way", "is": ["have"]}}]}, "isn't asked before it"),
        (
            {"steps": [*RIDE["steps"], {"say": {"en": "a"}, "only_if": {"step": "way", "is": ["no"]}}]},
            "doesn't exist: no",
        ),
        (
            {"steps": [{"choose": {"en": "?"}, "as": "a", "options": [{"is": "x", "label": {"en": "X"}}] * 10000}]},
            "many",
        ),
        ({"steps": [{"ask": {"en": "?"}, "as": "end"}]}, "Step 1"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(change: dict[str, Any], said: str) -> None:
    assert said in why(with_(**change))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "isn't UTF-8"),
        (b"a: &x [1,1]\nb: [*x,*x]", "Anchors and aliases"),
        (b"[" * 5000, "nested too deep|isn't valid YAML"),
        (b"!!python/object/apply:os.system ['true']", "isn't used|isn't written|isn't valid YAML|isn't a flow"),
        (b"x" * 300_000, "larger than 200 KB"),
        (b"a: b: c", "line 1"),
        *((b"smsgate: " + number, "isn't used") for number in (b"9" * 400, b"-" + b"9" * 400, b".inf", b".nan")),
        (b"{" + b"9" * 400 + b": a}", "isn't used"),
        (b"smsgate: 0b" + b"1" * 20_000, "Use one of these"),
        (b"smsgate: 1" + b":59" * 60_000, "Use one of these"),
        (b"smsgate: 1" + b":59" * 3000 + b".5", "Use one of these"),
        *(
            (b"smsgate: !!" + odd, "isn't used")
            for odd in (b"int ''", b"float ''", b"bool x", b"timestamp x", b"omap []")
        ),
        (b"a:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 60)), "nested too deep"),
    ],
)
def test_a_hostile_file_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        parse_definition(yaml_files.load(content))


def test_times_and_numbers_to_dial_are_words_as_their_author_means_them() -> None:
    words = {"one": "10:30", "two": "0711000001", "three": "1_000", "four": "No", "five": "2027-01-01"}
    text = "\n".join(f"{key}: {word}" for key, word in words.items())
    assert yaml_files.load(f"{text}\nsix: 12\nseven: -1.5\neight: true".encode()) == {
        **words, "six": 12, "seven": -1.5, "eight": True,
    }  # fmt: skip


AGE: dict[str, Any] = {
    "smsgate": 2,
    "name": "age",
    "title": {"en": "Age"},
    "languages": ["en"],
    "steps": [
        {"ask": {"en": "How old are you?"}, "as": "age", "kind": "number", "from": 1, "up_to": 120},
        {"go": "old", "only_if": {"step": "age", "from": 18}},
        {"remember": "group", "value": "young"},
        {"say": {"en": "For the young."}},
        {"remember": "group", "value": "grown", "as": "old", "only_if": {"step": "age", "from": 18}},
        {"say": {"en": "Welcome, all of you."}, "only_if": {"step": "group", "is": ["grown", "young"]}},
    ],
}


def told(definition: dict[str, Any], answer: str) -> list[str]:
    _said, question = ahead(definition, Place())
    assert question is not None
    return [text["en"] for text in ahead(definition, after(definition, question, answer))[0]]


def test_a_number_decides_where_it_goes_on_and_what_is_remembered() -> None:
    found = dict(parse_definition(AGE))
    assert find_faults(found) == []
    assert told(found, "17") == ["For the young.", "Welcome, all of you."]
    assert told(found, "18") == ["Welcome, all of you."]
    assert told(found, "") == ["For the young.", "Welcome, all of you."]
    assert answer_names(found) == ["age", "group"]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{**AGE["steps"][0], "from": 200}], "lowest number is above the highest"),
        ([{"go": "nowhere"}, {"say": {"en": "a"}}], "leads to nowhere, which doesn't exist"),
        ([{"say": {"en": "a"}, "as": "a"}, {"go": "a"}], "leads back to a"),
        (
            [{"remember": "x", "value": "y"}, {"say": {"en": "a"}, "only_if": {"step": "x", "is": ["z"]}}],
            "doesn't exist: z",
        ),
        ([{"go": "end", "only_if": {"step": "x", "from": 1}}], "isn't asked before it"),
        ([{"go": "end"}, {"say": {"en": "a"}}], "This step can never be reached"),
    ],
)
def test_what_a_silent_step_cannot_be_is_told(steps: list[dict[str, Any]], said: str) -> None:
    try:
        faults = find_faults(parse_definition({**AGE, "steps": steps}))
    except InvalidDefinition as invalid:
        faults = invalid.faults
    assert said in " ".join(fault.what for fault in faults)


def test_the_first_version_has_none_of_it() -> None:
    assert "Write smsgate: 2 in the file" in why({**AGE, "smsgate": 1})
    assert "60 at most" in why({**AGE, "smsgate": 1, "steps": [{"say": {"en": "a"}}] * 61})
    assert len(parse_definition({**AGE, "steps": [{"say": {"en": "a"}}] * 61})["steps"]) == 61


def test_words_that_were_typed_count_as_the_short_name_that_they_mean() -> None:
    data = {**AGE, "steps": [{"ask": {"en": "Drink?"}, "as": "drink"},
                             {"say": {"en": "Ready."}, "only_if": {"step": "drink", "is": ["tea"]}}]}  # fmt: skip
    assert told(data, " Tea! ") == ["Ready."]
    assert told(data, "milk") == []


def test_yes_and_no_in_a_file_are_words() -> None:
    assert yaml_files.load(b"{en: Yes, is: no, at: 2026-01-01, on: true}") == {
        "en": "Yes",
        "is": "no",
        "at": "2026-01-01",
        "on": True,
    }


WORDS = [*RIDE["steps"][0], "to", "say", "steps", "en"]
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["end", "en", "a", "say"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["steps", "title", "languages", "name", "options"]), ANYTHING)
def test_whatever_stands_in_it_is_a_flow_or_told_as_none(where: str, what: Any) -> None:
    data = with_(**({where: what} if where != "options" else {}))
    if where == "options":
        data["steps"][0]["options"] = what
    told: list[str] = []
    try:
        find_faults(parse_definition(json.loads(json.dumps(data))))
    except InvalidDefinition as faulty:
        told = [fault.what for fault in faulty.faults]
    assert "" not in told


def test_the_verdict_names_step_and_language() -> None:
    long = with_()
    long["steps"][2]["say"]["en"] = "Many words that go on. " * 25
    long["steps"][1]["ask"]["en"] = "Which diagnosis did you get? You must tell us \N{GRINNING FACE}"
    long["steps"].append({"say": {"en": "Never"}, "only_if": {"step": "way", "not": ["have", "seek"]}})
    long["steps"][0]["skip"] = False
    found = find_faults(parse_definition(long))
    said = [f"{fault.severity} {fault.where}: {fault.what}" for fault in found]
    assert any("error Step 2, English: “diagnosis” is a medical word" in one for one in said), said
    assert any("warning Step 3, English: It takes" in one for one in said), said
    assert any("warning Step 2, English" in one and "only half as much" in one for one in said), said
    assert any("error Step 4: This step can never be reached." in one for one in said), said
    assert [fault.severity for fault in found] == sorted(
        (fault.severity for fault in found), key=lambda one: one != ERROR
    )


def test_a_long_flow_with_many_ways_is_walked_in_a_moment() -> None:
    steps = [
        {
            "choose": {"en": f"Question {n}"},
            "as": f"q{n}",
            "options": [{"is": f"a{m}", "label": {"en": f"Answer {m}"}} for m in range(8)],
        }
        for n in range(60)
    ]
    found = parse_definition(with_(steps=steps))
    assert find_faults(found) == []
    assert len(screens(found, "en")) == 61


def test_a_list_comes_again_until_one_leaves_it() -> None:
    menu = parse_definition(yaml_files.load(yaml_files.library()["about-us"]))
    place, seen = Place(), 0
    while True:
        _said, question = ahead(menu, place)
        if question is None:
            break
        seen += 1
        place = after(menu, question, "what")
    assert seen == MOST_AGAIN


def test_two_versions_are_compared_step_by_step() -> None:
    other = with_()
    other["steps"][1]["ask"]["en"] = "From which place?"
    other["steps"].append({"say": {"en": "Bye"}})
    found = changes(parse_definition(RIDE), parse_definition(other))
    assert [(bool(one.before), bool(one.after)) for one in found] == [(True, True), (False, True)]
