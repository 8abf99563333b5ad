"""A RapidPro flow as nodes with actions, a router and exits, read from JSON that may be damaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smsgate.surveys.definitions.rapidpro.files import Raw

SPOKEN = ("send_msg", "say_msg")


@dataclass(frozen=True)
class Case:
    """A rule: a test, its arguments, and the category that it puts an answer into."""

    uuid: str
    type: str
    arguments: tuple[str, ...]
    category: str


@dataclass(frozen=True)
class Category:
    """A named kind of answer, and the exit that it leads to."""

    uuid: str
    name: str
    exit: str


@dataclass(frozen=True)
class Router:
    """How a node chooses its exit; `waits` is True if it waits for an answer first."""

    kind: str
    operand: str
    waits: bool
    wait_kind: str
    result: str
    cases: tuple[Case, ...]
    categories: Mapping[str, Category]
    default: str
    timeout_category: str
    timeout_seconds: int


@dataclass(frozen=True)
class Node:
    """A node; `number` is its place in the file, from 1."""

    uuid: str
    number: int
    actions: tuple[Raw, ...]
    router: Router | None
    exits: Mapping[str, str | None]

    @property
    def texts(self) -> list[Raw]:
        """The actions that send a text."""
        return [action for action in self.actions if action.get("type") in SPOKEN and _text(action.get("text")).strip()]

    @property
    def waits(self) -> bool:
        """True if it waits for an answer."""
        return self.router is not None and self.router.waits

    def leads(self, category: str) -> str | None:
        """Return the uuid of the node that a category leads to; None for the end."""
        found = self.router.categories.get(category) if self.router else None
        return self.exits.get(found.exit) if found else None

    @property
    def only_exit(self) -> str | None:
        """The uuid of the node that a node without a router leads to; None for the end."""
        return next(iter(self.exits.values()), None)


@dataclass(frozen=True)
class Graph:
    """All nodes of a flow by uuid, in the order of the file."""

    nodes: Mapping[str, Node] = field(default_factory=dict)

    def targets(self, node: Node) -> list[str]:
        """Return the uuids of the existing nodes that a node leads to."""
        return list(dict.fromkeys(to for to in node.exits.values() if to is not None and to in self.nodes))


def read_graph(flow: Raw) -> Graph:
    """Read the nodes of a flow, leaving out whatever is not valid."""
    nodes = (_node(number, node) for number, node in enumerate(_items(flow, "nodes"), 1))
    found: dict[str, Node] = {}
    for node in nodes:
        found.setdefault(node.uuid, node)
    return Graph(found)


def _node(number: int, node: Raw) -> Node:
    exits = {_text(one.get("uuid")): _destination(one) for one in _items(node, "exits")}
    router = node.get("router")
    return Node(
        _text(node.get("uuid")) or f"node {number}",
        number,
        tuple(_items(node, "actions")),
        _router(router) if isinstance(router, Mapping) else None,
        exits,
    )


def _destination(one: Raw) -> str | None:
    to = one.get("destination_uuid")
    return str(to) if to else None


def _router(router: Raw) -> Router:
    wait = router.get("wait")
    timeout = wait.get("timeout") if isinstance(wait, Mapping) else None
    timeout = timeout if isinstance(timeout, Mapping) else {}
    categories = [
        Category(_text(one.get("uuid")), " ".join(_text(one.get("name")).split()), _text(one.get("exit_uuid")))
        for one in _items(router, "categories")
    ]
    seconds = timeout.get("seconds")
    return Router(
        _text(router.get("type")),
        _text(router.get("operand")),
        isinstance(wait, Mapping),
        _text(wait.get("type")) if isinstance(wait, Mapping) else "",
        _text(router.get("result_name")).strip(),
        tuple(_case(one) for one in _items(router, "cases")),
        {one.uuid: one for one in categories},
        _text(router.get("default_category_uuid")),
        _text(timeout.get("category_uuid")),
        seconds if isinstance(seconds, int) else 0,
    )


def _case(case: Raw) -> Case:
    arguments = case.get("arguments")
    words = tuple(_text(one) for one in arguments) if isinstance(arguments, list) else ()
    return Case(_text(case.get("uuid")), _text(case.get("type")).lower(), words, _text(case.get("category_uuid")))


def _items(holder: Raw, name: str) -> list[Raw]:
    listed = holder.get(name)
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return str(value) if isinstance(value, (str, int, float)) else ""
