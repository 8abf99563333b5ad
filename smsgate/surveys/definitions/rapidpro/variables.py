"""A flow's results and fields, and the questions or stored values that they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smsgate.surveys.definitions.rapidpro.expressions import variable_in
from smsgate.surveys.definitions.rapidpro.graph import Case, Graph, Node
from smsgate.surveys.definitions.rapidpro.rules import NUMBER_TESTS, Range, matches, range_of, tokens

NOT_KEY = re.compile(r"[^a-z0-9]+")
KEY_LENGTH = 24


@dataclass(frozen=True)
class Noted:
    """A value that a node stores without asking."""

    node: str
    value: str
    category: str


@dataclass(frozen=True)
class Source:
    """Where a variable's value comes from: a waiting node (and which part of its result), or a stored value."""

    node: str
    part: str = ""
    noted: Noted | None = None


@dataclass
class Asked:
    """A question of the definition, and what its answers looked like in the flow."""

    name: str
    values: list[tuple[str, list[str], str]] = field(default_factory=list)  # for a choice: short name, forms, category
    ranges: list[tuple[str, Range]] = field(default_factory=list)  # for a number: category, range
    is_number: bool = False


def key_of(text: str, otherwise: str = "") -> str:
    """Return a text as a short name for a definition; `otherwise` if nothing usable is left."""
    key = NOT_KEY.sub("_", text.casefold()).strip("_")[:KEY_LENGTH].strip("_")
    return key if key and key != "end" else otherwise


class Variables:
    """All results and fields of a flow."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._sources: dict[str, list[tuple[str, Source | tuple[str, str]]]] = {}
        self.asked: dict[str, list[Asked]] = {}  # by waiting node
        self._names: set[str] = set()
        self._noted_names: dict[str, str] = {}
        self._before: dict[str, set[str]] = {}
        self._parents = _parents(graph)
        for node in graph.nodes.values():
            self._read(node)

    def _read(self, node: Node) -> None:
        if node.waits and node.router is not None and node.router.result:
            self._sources.setdefault(f"results.{snake(node.router.result)}", []).append((node.uuid, Source(node.uuid)))
        for action in node.actions:
            noted = note_in(action)
            if noted is None:
                continue
            variable, value, category = noted
            source: Source | tuple[str, str] | None = variable_in(value)
            if source is None and "@" not in value and key_of(category or value):
                source = Source("", "", Noted(node.uuid, value, category))
            if source is not None:
                self._sources.setdefault(variable, []).append((node.uuid, source))

    def sources(self, variable: str, part: str, node: Node) -> list[Source]:
        """Return where a variable's value at a node can come from; [] if nothing earlier in the flow sets it."""
        return list(dict.fromkeys(self._resolved(variable, part, node, frozenset())))

    def _resolved(self, variable: str, part: str, node: Node, seen: frozenset[str]) -> Iterable[Source]:
        if variable == "input":
            yield from (Source(wait, part) for wait in self._last_waits(node))
            return
        if variable in seen:
            return
        for at, source in self._sources.get(variable, ()):
            if at not in self.before(node.uuid) and at != node.uuid:
                continue
            if isinstance(source, Source):
                yield Source(source.node, part, source.noted)
            else:
                yield from self._resolved(*source, self.graph.nodes[at], seen | {variable})

    def before(self, uuid: str) -> set[str]:
        """Return the uuids of the nodes from which this one can be reached."""
        if uuid not in self._before:
            found: set[str] = set()
            pending = list(self._parents.get(uuid, ()))
            while pending:
                if (each := pending.pop()) not in found:
                    found.add(each)
                    pending += self._parents.get(each, ())
            self._before[uuid] = found
        return self._before[uuid]

    def _last_waits(self, node: Node) -> list[str]:
        """Return the waiting nodes from which this node can be reached without another answer in between."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        pending = [node.uuid] if node.waits else list(self._parents.get(node.uuid, ()))
        while pending:
            each = pending.pop()
            if self.graph.nodes[each].waits:
                found[each] = None
            elif each not in seen:
                seen.add(each)
                pending += self._parents.get(each, ())
        return list(found)

    def new_question(self, node: Node) -> Asked:
        """Return a question with an unused name, taken from its result or the field that stores its answer."""
        wanted = key_of(node.router.result if node.router else "", "") or self._field_of(node)
        asked = Asked(self._free(wanted or f"q{node.number}"))
        self.asked.setdefault(node.uuid, []).append(asked)
        return asked

    def _field_of(self, node: Node) -> str:
        for variable, sources in self._sources.items():
            for at, source in sources:
                if source == ("input", "") and node.uuid in self._last_waits(self.graph.nodes[at]):
                    return key_of(variable.partition(".")[2])
        return ""

    def note_name(self, variable: str) -> str:
        """Return the name under which the definition stores a variable's values."""
        if variable not in self._noted_names:
            self._noted_names[variable] = self._free(key_of(variable.partition(".")[2], "noted"))
        return self._noted_names[variable]

    def name_of_note(self, node: str, variable: str) -> str:
        """Return the name under which a node stores the value that a variable takes from it."""
        own = [each for each, sources in self._sources.items() for at, source in sources
               if at == node and isinstance(source, Source) and source.noted is not None]  # fmt: skip
        return self.note_name(variable if variable in own or not own else own[0])

    def _free(self, wanted: str) -> str:
        taken = (f"{wanted[: KEY_LENGTH - 3]}_{number}" for number in range(2, 1000))
        name = wanted if wanted not in self._names else next(one for one in taken if one not in self._names)
        self._names.add(name)
        return name


def snake(name: str) -> str:
    """Return a result's name as it is written in expressions."""
    return NOT_KEY.sub("_", name.strip().casefold()).strip("_")


def note_in(action: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the variable, value and category that an action sets; None if it sets none."""
    value, category = str(action.get("value") or "").strip(), str(action.get("category") or "").strip()
    if action.get("type") == "set_run_result" and action.get("name"):
        return f"results.{snake(str(action['name']))}", value, category
    where = action.get("field")
    if action.get("type") == "set_contact_field" and isinstance(where, Mapping):
        return f"fields.{snake(str(where.get('key') or where.get('name') or 'field'))}", value, ""
    return None


def conditions(asked: Asked, part: str, rules: Sequence[Case], case: Case) -> list[dict[str, Any]]:
    """Return the `only_if` conditions, any of which means that this rule is the first to match a question's answer."""
    if asked.values:
        fitting = [name for name, forms, category in asked.values
                   if _first_rule(rules, [category] if part == "category" else [*forms, category]) is case]  # fmt: skip
        return [{"step": asked.name, "is": fitting[:9]}] if fitting else []
    if part == "category" and asked.ranges:
        wanted = [limits for name, limits in asked.ranges if _first_rule(rules, [name]) is case]
        return [{"step": asked.name, **(limits.bounds() or {"from": 0})} for limits in wanted]
    if case.type in NUMBER_TESTS:
        limits = range_of(case)
        return [{"step": asked.name, **(limits.bounds() or {"from": 0})}] if limits else []
    return _by_words(asked, case)


def _by_words(asked: Asked, case: Case) -> list[dict[str, Any]]:
    said = tokens(" ".join(case.arguments))
    words = said if case.type == "has_any_word" else ["_".join(said)]
    keys = [word for word in dict.fromkeys(words) if re.fullmatch(r"[a-z0-9_]{1,24}", word)]
    plain = case.type in (
        "has_any_word",
        "has_phrase",
        "has_only_phrase",
        "has_only_text",
        "has_all_words",
        "has_beginning",
    )
    return [{"step": asked.name, "is": keys[at : at + 9]} for at in range(0, len(keys), 9)] if plain else []


def _first_rule(rules: Sequence[Case], forms: list[str]) -> Case | None:
    return next((rule for rule in rules if any(matches(rule, form) for form in forms if form)), None)


def noted_conditions(
    name: str, notes: Sequence[Noted], part: str, rules: Sequence[Case], case: Case
) -> list[dict[str, Any]]:
    """Return the `only_if` conditions under which a rule matches the value stored under a name."""
    seen = [(note, note.category or note.value) for note in notes]
    fitting = list(dict.fromkeys(
        key_of(named) for note, named in seen
        if _first_rule(rules, [named if part == "category" else note.value]) is case
    ))  # fmt: skip
    return [{"step": name, "is": fitting[at : at + 9]} for at in range(0, len(fitting), 9)]


def _parents(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        for to in graph.targets(node):
            found.setdefault(to, []).append(node.uuid)
    return found
