"""What goflow requires of a definition before it runs it (`flows/definition`, `flows/routers`), as assertions."""

from __future__ import annotations

import uuid
from typing import Any

ACTIONS = {"send_msg", "set_run_result"}
TESTS = {"has_text", "has_only_text", "has_only_phrase", "has_number", "has_number_between", "has_number_eq",
         "has_number_gte", "has_number_lte"}  # fmt: skip


def accepts(flow: dict[str, Any]) -> None:
    """Fail if goflow would refuse the flow, or RapidPro its import."""
    uuid.UUID(flow["uuid"])
    assert flow["name"]
    assert len(flow["language"]) == 3
    assert flow["type"] == "messaging"
    seen: set[str] = set()
    nodes = {node["uuid"] for node in flow["nodes"]}
    for node in flow["nodes"]:
        _is_new(node["uuid"], seen)
        assert node["exits"]
        for action in node["actions"]:
            _is_new(action["uuid"], seen)
            assert action["type"] in ACTIONS
            assert action["type"] != "send_msg" or action["text"]
            assert action["type"] != "set_run_result" or 1 <= len(action["name"]) <= 64
        if "router" in node:
            _router(node["router"], {one["uuid"] for one in node["exits"]})
        for leads in node["exits"]:
            _is_new(leads["uuid"], seen)
            assert leads["destination_uuid"] is None or leads["destination_uuid"] in nodes
    for language, words in flow["localization"].items():
        assert len(language) == 3
        for key, properties in words.items():
            uuid.UUID(key)
            assert all(isinstance(texts, list) and texts for texts in properties.values())
    assert set(flow["_ui"]["nodes"]) == nodes


def _is_new(each: str, seen: set[str]) -> None:
    uuid.UUID(each)
    assert each not in seen
    seen.add(each)


def _router(router: dict[str, Any], exits: set[str]) -> None:
    categories = {category["uuid"] for category in router["categories"]}
    assert router["type"] == "switch"
    assert router["operand"]
    assert len(categories) == len(router["categories"]) >= 1
    names = [category["name"].casefold() for category in router["categories"]]
    assert len(set(names)) == len(names)
    for category in router["categories"]:
        uuid.UUID(category["uuid"])
        assert 1 <= len(category["name"]) <= 36
        assert category["exit_uuid"] in exits
    for case in router["cases"]:
        uuid.UUID(case["uuid"])
        assert case["type"] in TESTS
        assert case["category_uuid"] in categories
        assert len(case["arguments"]) == {"has_number": 0, "has_text": 0, "has_number_between": 2}.get(case["type"], 1)
    assert router["default_category_uuid"] in categories
    assert "result_name" not in router or 1 <= len(router["result_name"]) <= 64
