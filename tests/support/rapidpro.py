"""Short builders for flows in RapidPro's format; each wait has a node of its own, as its editor writes them."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]
Way = tuple[str, list[tuple[str, list[str]]], str | None]  # a category, its tests, and the node that it leads to


def says(name: str, text: str, to: str | None = None, *actions: dict[str, Any], **more: Any) -> Node:
    """Return a node that says something and goes on to `to`; `more` is added beside the text."""
    message = {"uuid": f"m-{name}", "type": "send_msg", "text": text, **more}
    return {"uuid": name, "actions": [message, *actions], "exits": [{"uuid": f"x-{name}", "destination_uuid": to}]}


def does(name: str, *actions: dict[str, Any], to: str | None = None) -> Node:
    """Return a node with these actions that says nothing."""
    numbered = [{"uuid": f"a-{name}-{at}", **action} for at, action in enumerate(actions)]
    return {"uuid": name, "actions": numbered, "exits": [{"uuid": f"x-{name}", "destination_uuid": to}]}


def waits(name: str, result: str, *ways: Way, other: str | None = None, after: tuple[int, str] | None = None) -> Node:
    """Return a node that waits for an answer; `other` is where the rest leads, `after` a timeout: (seconds, node)."""
    node = splits(name, "@input.text", *ways, other=other, label="Other" if ways else "All Responses")
    node["router"] |= {"wait": {"type": "msg"}, "result_name": result}
    if after is not None:
        seconds, to = after
        node["router"]["wait"]["timeout"] = {"seconds": seconds, "category_uuid": f"c-{name}-time"}
        node["router"]["categories"].append(
            {"uuid": f"c-{name}-time", "name": "No Response", "exit_uuid": f"x-{name}-time"}
        )
        node["exits"].append({"uuid": f"x-{name}-time", "destination_uuid": to})
    return node


def splits(name: str, operand: str, *ways: Way, other: str | None = None, label: str = "Other", **node: Any) -> Node:
    """Return a node that branches on `operand`."""
    names = [*(way[0] for way in ways), label]
    leads = [*(way[2] for way in ways), other]
    cases = [
        {"uuid": f"k-{name}-{at}-{number}", "type": test, "arguments": arguments, "category_uuid": f"c-{name}-{at}"}
        for at, (_category, tests, _to) in enumerate(ways)
        for number, (test, arguments) in enumerate(tests)
    ]
    return {
        "uuid": name,
        "actions": [],
        "router": {
            "type": "switch",
            "operand": operand,
            "cases": cases,
            "categories": [
                {"uuid": f"c-{name}-{at}", "name": each, "exit_uuid": f"x-{name}-{at}"} for at, each in enumerate(names)
            ],
            "default_category_uuid": f"c-{name}-{len(ways)}",
        },
        "exits": [{"uuid": f"x-{name}-{at}", "destination_uuid": to} for at, to in enumerate(leads)],
        **node,
    }


def flow(*nodes: Node, **more: Any) -> dict[str, Any]:
    """Return a flow of these nodes; it starts with the first."""
    stated = {"uuid": "f", "name": "Tea time", "language": "eng", "type": "messaging", "spec_version": "13.1.0"}
    return {**stated, "localization": {}, "nodes": list(nodes), **more}


def words(category: str, said: str, to: str | None = None) -> Way:
    """Return a way for answers that contain any of these words."""
    return category, [("has_any_word", [said])], to


def number(category: str, test: str, *arguments: int, to: str | None = None) -> Way:
    """Return a way for answers that are a number, or one that passes a test."""
    return category, [(f"has_number_{test}" if test else "has_number", [str(one) for one in arguments])], to
