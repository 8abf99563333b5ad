"""RapidPro flows are imported as far as we have an equivalent; the rest is listed, and nothing breaks."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import ERROR, InvalidDefinition, parse_definition
from smsgate.surveys.definitions.validation import find_faults


def message(uuid: str, text: str, **more: Any) -> dict[str, Any]:
    return {"uuid": uuid, "type": "send_msg", "text": text, **more}


def exits(*ways: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [{"uuid": uuid, "destination_uuid": to} for uuid, to in ways]


FLOW: dict[str, Any] = {
    "uuid": "f", "name": "Tea time", "language": "eng", "type": "messaging", "spec_version": "13.1.0",
    "nodes": [
        {"uuid": "A", "actions": [message("a1", "Hello @contact.first_name!"),
                                  {"type": "set_contact_field", "uuid": "x"},
                                  message("a2", "Would you like tea?", quick_replies=["Yes", "No"])],
         "router": {"type": "switch", "operand": "@input.text", "wait": {"type": "msg"}, "result_name": "Tea",
                    "categories": [{"uuid": "c1", "name": "Yes", "exit_uuid": "e1"},
                                   {"uuid": "c2", "name": "No", "exit_uuid": "e2"},
                                   {"uuid": "c3", "name": "Other", "exit_uuid": "e3"}],
                    "cases": [{"uuid": "k1", "type": "has_any_word", "arguments": ["yes"], "category_uuid": "c1"},
                              {"uuid": "k2", "type": "has_any_word", "arguments": ["no"], "category_uuid": "c2"}],
                    "default_category_uuid": "c3"},
         "exits": exits(("e1", "B"), ("e2", "D"), ("e3", "A"))},
        {"uuid": "B", "actions": [message("b1", "How many cups?")],
         "router": {"type": "switch", "wait": {"type": "msg"},
                    "categories": [{"uuid": "n1", "name": "Number", "exit_uuid": "e4"},
                                   {"uuid": "n2", "name": "Other", "exit_uuid": "e5"}],
                    "cases": [{"uuid": "k3", "type": "has_number", "category_uuid": "n1"}],
                    "default_category_uuid": "n2"},
         "exits": exits(("e4", "C"), ("e5", "C"))},
        {"uuid": "C", "actions": [message("c9", "It is coming.")], "exits": exits(("e6", None))},
        {"uuid": "D", "actions": [message("d1", "Another time, then.")], "exits": exits(("e7", "A"))},
    ],
    "localization": {"fra": {"a2": {"text": ["Du th\u00e9?"]}, "c1": {"name": ["Oui"]}}, "spa": {}},
}  # fmt: skip


def carried() -> rapidpro.ImportedFlow:
    return rapidpro.import_flow({"version": "13", "flows": [copy.deepcopy(FLOW)]})


def test_what_has_a_meaning_here_is_carried_over_and_the_rest_is_listed() -> None:
    made = carried()
    found = parse_definition(made.data)
    assert [fault for fault in find_faults(found) if fault.severity == ERROR] == []
    assert found["name"] == "tea-time"
    assert found["languages"] == ["en", "fr"]
    asked = next(step for step in found["steps"] if "choose" in step)
    assert asked["choose"] == {"en": "Would you like tea?", "fr": "Du th\u00e9?"}
    assert [one["label"]["fr"] for one in asked["options"]] == ["Oui", "No"]
    cups = next(step for step in found["steps"] if "ask" in step)
    assert cups["kind"] == "number"
    said = " ".join(made.left)
    for what in ("set_contact_field", "@contact.first_name", "spa", "A way back"):
        assert what in said, what


def test_the_ways_between_nodes_lead_where_they_led() -> None:
    found = parse_definition(carried().data)
    names = {step.get("as"): step for step in found["steps"]}
    asked = next(step for step in found["steps"] if "choose" in step)
    following = found["steps"][found["steps"].index(asked) + 1]
    leads = [names.get(one.get("to"), following) for one in asked["options"]]
    assert [next(iter((step.get("say") or step["ask"]).values())) for step in leads] == [
        "How many cups?",
        "Another time, then.",
    ]


@pytest.mark.parametrize("data", [None, [], {}, {"flows": []}, {"nodes": 3}, {"nodes": []}, {"nodes": [{}] * 300}])
def test_what_is_none_is_told(data: object) -> None:
    with pytest.raises(InvalidDefinition):
        rapidpro.import_flow(data)


PLACES = st.sampled_from(["uuid", "actions", "router", "exits", "type", "text"])
WHATEVER = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.text(max_size=3), max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3), PLACES, WHATEVER)
def test_a_damaged_one_is_carried_as_far_as_it_goes_or_told(at: int, place: str, what: Any) -> None:
    flow = copy.deepcopy(FLOW)
    flow["nodes"][at][place] = what
    told: list[str] = []
    try:
        find_faults(parse_definition(rapidpro.import_flow(json.loads(json.dumps(flow))).data))
    except InvalidDefinition as faulty:
        told = [fault.what for fault in faulty.faults]
    assert "" not in told


def test_a_file_of_it_is_read_like_any_other() -> None:
    assert rapidpro.is_rapidpro_flow(yaml_files.load(json.dumps({"flows": [FLOW]}).encode()))
