"""Exports in RapidPro's format are accepted there, and come back unchanged."""

from __future__ import annotations

import copy
import json
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.core.i18n import speaking
from smsgate.flows.survey import END, SKIPPED, Place, after, ahead, that_is_all
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import InvalidDefinition, parse_definition, version_of
from tests.support.goflow import accepts
from tests.support.surveys import RIDE

Definition = dict[str, Any]
MOST_TURNS = 12


def dialogue(definition: Definition, language: str, picks: list[int]) -> list[Any]:
    """Return the texts, questions and options that a member sees who picks these answers, by position."""
    place, met = Place(), list[Any]()
    for pick in [*picks, *[0] * MOST_TURNS][:MOST_TURNS]:
        said, question = ahead(definition, place)
        met += [" ".join(text[language].split()) for text in said]
        if question is None:
            return met
        step = definition["steps"][question.at]
        choices = [(option["is"], option["label"][language]) for option in step.get("options", ())]
        if step.get("again") and END not in {option.get("to") for option in step["options"]}:
            with speaking(language):
                choices.append((SKIPPED, that_is_all()))
        offered = [label for _name, label in choices]
        met.append((" ".join((step.get("ask") or step["choose"])[language].split()), offered, step.get("kind")))
        if "ask" in step:
            value = (
                str(step.get("from", 0) + pick) if step.get("kind") == "number" else ["tea", "milk", "rain"][pick % 3]
            )
        else:
            value = choices[pick % len(choices)][0]
        place = after(definition, question, value)
    return met


WORD = st.sampled_from(
    ["tea", "Friday", "meeting", "wewe", "déjà", "contact", "you@there.org", "@results.tea", "(maybe)", "ask:"]
)
TEXT = st.lists(WORD, min_size=2, max_size=6).map(" ".join)
LABEL = st.lists(st.sampled_from(["Tea", "Milk", "Water", "Ndiyo", "Très bien", "None"]), min_size=1, max_size=3).map(
    " ".join
)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Draw a definition with any kinds of steps, in one or two languages."""
    languages = draw(st.sampled_from([["en"], ["sw", "fr"], ["en", "fr"]]))
    count = draw(st.integers(1, 6))
    steps = [_step(draw, at, count, languages) for at in range(count)]
    for at, step in enumerate(steps):
        if draw(st.booleans()) and (condition := _condition(draw, steps[:at])):
            step["only_if"] = condition
    data = {"smsgate": version_of(steps), "name": "made-up", "title": dict.fromkeys(languages, "Made up"),
            "languages": languages, "steps": steps, "keep_days": draw(st.integers(1, 365))}  # fmt: skip
    return dict(parse_definition(data))


def _step(draw: st.DrawFn, at: int, count: int, languages: list[str]) -> dict[str, Any]:
    words = {language: draw(TEXT) for language in languages}
    later = [*(f"s{other}" for other in range(at + 1, count)), "end"]
    name = {"as": f"s{at}"}
    kind = draw(st.sampled_from(["say", "ask", "number", "choose", "choose", "go", "remember"]))
    leads = {"to": draw(st.sampled_from(later))} if draw(st.booleans()) else {}
    if kind == "go":
        return {"go": draw(st.sampled_from(later)), **name}
    if kind == "remember":
        return {
            "remember": draw(st.sampled_from(["one", "two"])),
            "value": draw(st.sampled_from(["yes", "no"])),
            **name,
        }
    if kind == "say":
        return {"say": words, **name, **leads}
    if kind == "ask":
        return {"ask": words, **name, **leads}
    if kind == "number":
        low = draw(st.integers(0, 9))
        limits = draw(st.sampled_from([{}, {"from": low}, {"from": low, "up_to": low + 20}]))
        return {"ask": words, **name, "kind": "number", **limits, **leads}
    found = draw(st.lists(LABEL, min_size=2, max_size=9, unique_by=str.casefold))
    options = [{"is": f"o{number}", "label": dict.fromkeys(languages, label),
                **({"to": draw(st.sampled_from(later))} if draw(st.booleans()) else {})}
               for number, label in enumerate(found)]  # fmt: skip
    again = {"again": True} if at == 0 and len(found) < 9 and draw(st.booleans()) else {}  # and one that leaves it
    return {"choose": words, **name, "options": options, **again}


def _condition(draw: st.DrawFn, before: list[dict[str, Any]]) -> dict[str, Any] | None:
    sources = [step for step in before if {"ask", "choose", "remember"} & step.keys()]
    if not sources:
        return None
    step = draw(st.sampled_from(sources))
    if "remember" in step:
        return {"step": step["remember"], "is": [step["value"]]}
    if "choose" in step:
        values = draw(st.lists(st.sampled_from([one["is"] for one in step["options"]]), min_size=1, unique=True))
        return {"step": step["as"], draw(st.sampled_from(["is", "not"])): values}
    if step.get("kind") == "number":
        low = draw(st.integers(0, 12))
        return {
            "step": step["as"],
            **draw(st.sampled_from([{"from": low}, {"up_to": low}, {"from": low, "up_to": low + 3}])),
        }
    return {"step": step["as"], "is": [draw(st.sampled_from(["tea", "milk"]))]}


def exported(definition: Definition) -> dict[str, Any]:
    """Return an export as read from its file, checked as goflow would."""
    found: dict[str, Any] = json.loads(json.dumps(rapidpro.export_flow(definition)))
    accepts(found["flows"][0])
    return found


@settings(max_examples=150, deadline=None)
@given(definitions())
def test_an_export_comes_back_as_the_same_definition(definition: Definition) -> None:
    again = rapidpro.import_flow(exported(definition))
    assert again.data == definition
    assert again.left == []


@settings(max_examples=150, deadline=None)
@given(definitions(), st.lists(st.integers(0, 8), max_size=MOST_TURNS))
def test_without_our_note_in_it_the_dialogue_is_the_same(definition: Definition, picks: list[int]) -> None:
    """A workspace may return only the parts of a flow that goflow knows."""
    data = exported(definition)
    del data["flows"][0]["_ui"]
    try:
        again = rapidpro.import_flow(data).data
    except InvalidDefinition:
        assert not [step for step in definition["steps"] if not {"go", "remember"} & step.keys()] or not dialogue(
            definition, definition["languages"][0], picks
        )
        return
    parse_definition(again)
    for language in definition["languages"]:
        assert dialogue(again, language, picks) == dialogue(definition, language, picks)


def test_what_is_remembered_behind_a_list_is_known_when_it_is_asked_again() -> None:
    words = {"en": "Tea today"}
    options = [{"is": "tea", "label": {"en": "Tea"}}, {"is": "milk", "label": {"en": "Milk"}}]
    definition = dict(parse_definition({
        "smsgate": 2, "name": "tea", "title": {"en": "Tea"}, "languages": ["en"], "keep_days": 9, "steps": [
            {"choose": {"en": "What do you take?"}, "as": "drinks", "options": options, "again": True},
            {"say": words, "as": "once", "only_if": {"step": "been", "is": ["yes"]}},
            {"remember": "been", "value": "yes", "as": "note"},
        ],
    }))  # fmt: skip
    data = exported(definition)
    del data["flows"][0]["_ui"]
    again = rapidpro.import_flow(data).data
    assert dialogue(again, "en", [0, 1]) == dialogue(definition, "en", [0, 1])
    assert dialogue(again, "en", [0, 1]).count("Tea today") > 1


@pytest.mark.parametrize("name", sorted(yaml_files.library()))
def test_what_comes_with_the_service_goes_out_and_in(name: str) -> None:
    definition = dict(parse_definition(yaml_files.load(yaml_files.library()[name])))
    data = exported(definition)
    assert rapidpro.import_flow(data).data == definition
    del data["flows"][0]["_ui"]
    again = rapidpro.import_flow(data).data
    for language in definition["languages"]:
        for picks in ([0], [1, 0], [2, 1], [0, 1, 2]):
            found, wanted = dialogue(again, language, picks), dialogue(definition, language, picks)
            assert [one if isinstance(one, str) else one[0] for one in found[:3]] == [
                one if isinstance(one, str) else one[0] for one in wanted[:3]
            ]


def test_an_import_there_gives_new_uuids_and_it_is_still_ours() -> None:
    definition = dict(parse_definition(RIDE))
    content, known = json.dumps(exported(definition)), dict[str, str]()
    for node in exported(definition)["flows"][0]["nodes"]:
        known[node["uuid"]] = str(uuid.uuid4())
    for old, new in known.items():
        content = content.replace(old, new)
    assert rapidpro.import_flow(json.loads(content)).data == definition


def test_what_was_changed_there_is_read_as_it_is_now() -> None:
    data = copy.deepcopy(exported(dict(parse_definition(RIDE))))
    message = data["flows"][0]["nodes"][0]["actions"][0]
    message["text"] = message["text"].replace("Do you have a way to come?", "How will you come?")
    again = rapidpro.import_flow(data).data
    assert again["steps"][0]["choose"] == {"en": "How will you come?"}
    assert [one["label"]["en"] for one in again["steps"][0]["options"]] == ["Yes", "I seek a ride"]
