"""Imports flows of RapidPro (goflow's definition, version 13): the parts that surveys have, and a list of the others.

Imported are messages, waits for an answer with their categories, the categories of quick replies, connections between
nodes as far as they lead forward, and translations. Source: https://github.com/nyaruka/goflow, `flows/definition`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smsgate.core.admin_text import _
from smsgate.surveys.definitions.schema import Fault, InvalidDefinition

LANGUAGES = {"eng": "en", "swa": "sw", "swh": "sw", "fra": "fr", "base": "en"}
MOST_NODES = 200
MOST_STEPS = 60
WORDS, LABEL = 600, 30
EXPRESSION = re.compile(r"@\([^)]*\)|@[A-Za-z][\w.]*")
NUMBERS = ("has_number", "has_number_between", "has_number_eq", "has_number_gt", "has_number_gte", "has_number_lt",
           "has_number_lte")  # fmt: skip
ANY = ("has_text",)
Node = Mapping[str, Any]


@dataclass
class ImportedFlow:
    """An imported definition as JSON, to be read like any other, and what was left out, a sentence each."""

    data: dict[str, Any]
    left: list[str] = field(default_factory=list)


def is_rapidpro_flow(data: object) -> bool:
    """Whether this looks like a flow of RapidPro, alone or in an export."""
    return isinstance(data, Mapping) and ("nodes" in data or isinstance(data.get("flows"), list))


def import_flow(data: object) -> ImportedFlow:
    """Import the first flow of an export. Raises InvalidDefinition if there is none."""
    flow = _first_flow(data)
    imported = _Import(flow)
    imported.walk()
    if not imported.steps:
        raise InvalidDefinition([Fault("", _("There is nothing in it that a phone could say."))])
    name = re.sub(r"[^a-z0-9]+", "-", str(flow.get("name") or "flow").lower()).strip("-")[:40] or "flow"
    title = {language: str(flow.get("name") or name)[:LABEL] for language in imported.languages}
    definition = {"smsgate": 1, "name": name, "title": title, "languages": imported.languages, "steps": imported.steps}
    return ImportedFlow(definition, list(dict.fromkeys(imported.left)))


def _first_flow(data: object) -> Mapping[str, Any]:
    flow = data
    if isinstance(data, Mapping) and isinstance(data.get("flows"), list):
        flow = next(iter(data["flows"]), None)
    if not isinstance(flow, Mapping) or not isinstance(flow.get("nodes"), list):
        raise InvalidDefinition([Fault("", _("This is no flow of RapidPro of version 13."))])
    if len(flow["nodes"]) > MOST_NODES:
        raise InvalidDefinition([Fault("", _("There are too many: {count} at most.").format(count=MOST_NODES))])
    return flow


class _Import:
    """The import of one flow."""

    def __init__(self, flow: Mapping[str, Any]) -> None:
        self.nodes = {str(node.get("uuid")): node for node in flow["nodes"] if isinstance(node, Mapping)}
        self.order = _forward_order(self.nodes)
        self.names = {uuid: f"n{at + 1}" for at, uuid in enumerate(self.order)}
        self.left: list[str] = []
        self.steps: list[dict[str, Any]] = []
        self.base = LANGUAGES.get(str(flow.get("language")), "en")
        localization = flow.get("localization")
        self.translations = {
            LANGUAGES[code]: words
            for code, words in (localization.items() if isinstance(localization, Mapping) else ())
            if code in LANGUAGES and isinstance(words, Mapping)
        }
        for code in set(localization if isinstance(localization, Mapping) else ()) - set(LANGUAGES):
            self.left.append(_("The words in {language} are left out.").format(language=str(code)[:20]))
        self.languages = [self.base, *(language for language in self.translations if language != self.base)]

    def walk(self) -> None:
        """Import each node, in an order in which most connections lead forward."""
        for at, uuid in enumerate(self.order):
            before = len(self.steps)
            self._add_node(uuid, self.nodes[uuid], self.order[at + 1] if at + 1 < len(self.order) else None)
            if len(self.steps) == before:
                self.left.append(_("{node} says and asks nothing.").format(node=self.names[uuid]))
        if len(self.steps) > MOST_STEPS:
            self.left.append(_("After {count} steps it is cut.").format(count=MOST_STEPS))
        self._end_backward_paths(self.steps)

    def _add_node(self, uuid: str, node: Node, following: str | None) -> None:
        texts = [self._words(action) for action in _actions(node) if action.get("type") == "send_msg"]
        for action in _actions(node):
            if action.get("type") != "send_msg":
                self.left.append(_("{what} has no meaning here.").format(what=str(action.get("type"))[:40]))
        router = node.get("router")
        waits = isinstance(router, Mapping) and isinstance(router.get("wait"), Mapping)
        question = texts.pop() if waits and texts else None
        name = self.names[uuid]
        steps: list[dict[str, Any]] = [{"say": text} for text in texts if text]
        if waits and isinstance(router, Mapping):
            steps.append(self._question_step(name, router, node, question, following))
        elif steps:
            steps[-1] |= self._target(_exits(node).get(_only_exit(node)), following)
        if steps and not waits:
            steps[0]["as"] = name
        elif steps and len(steps) > 1:
            steps[0]["as"], steps[-1]["as"] = name, f"{name}_a"
        self.steps += steps

    def _question_step(
        self, name: str, router: Node, node: Node, question: dict[str, str] | None, following: str | None
    ) -> dict[str, Any]:
        words = question or dict.fromkeys(self.languages, "?")
        cases = [case for case in _list_in(router, "cases") if case.get("type") not in ANY]
        categories = {str(category.get("uuid")): category for category in _list_in(router, "categories")}
        chosen = list(dict.fromkeys(str(case.get("category_uuid")) for case in cases))
        if len(chosen) < 2 or any(case.get("type") in NUMBERS for case in cases):
            kind = {"kind": "number"} if any(case.get("type") in NUMBERS for case in cases) else {}
            to = _exits(node).get(str(categories.get(str(router.get("default_category_uuid")), {}).get("exit_uuid")))
            return {"ask": words, "as": name, **kind, **self._target(to, following)}
        options = []
        for at, uuid in enumerate(chosen[:9]):
            category = categories.get(uuid, {})
            label = {language: self._label(category, language)[:LABEL] or "?" for language in self.languages}
            way = self._target(_exits(node).get(str(category.get("exit_uuid"))), following, end=True)
            options.append({"is": f"a{at + 1}", "label": label, **way})
        if len(chosen) > len(options):
            self.left.append(_("{node} has more than nine answers.").format(node=name))
        return {"choose": words, "as": name, "options": options}

    def _target(self, target: object, following: str | None, *, end: bool = False) -> dict[str, str]:
        if target is None:
            return {"to": "end"} if following is not None or end else {}
        if str(target) == following:
            return {}
        return {"to": self.names.get(str(target), "end")}

    def _words(self, action: Node) -> dict[str, str]:
        return {language: self._text(action, language) for language in self.languages}

    def _text(self, action: Node, language: str) -> str:
        entry = self.translations.get(language, {}).get(str(action.get("uuid"))) if language != self.base else None
        lines = entry.get("text") if isinstance(entry, Mapping) else None
        text = str(lines[0]) if isinstance(lines, list) and lines else str(action.get("text") or "")
        for expression in EXPRESSION.findall(text):
            self.left.append(_("{what} is left out of the words.").format(what=expression[:40]))
        text = " ".join(EXPRESSION.sub("", text).split())
        if len(text) > WORDS:
            self.left.append(_("Words longer than {count} characters are cut.").format(count=WORDS))
        return text[:WORDS] or "…"

    def _label(self, category: Node, language: str) -> str:
        entry = self.translations.get(language, {}).get(str(category.get("uuid"))) if language != self.base else None
        names = entry.get("name") if isinstance(entry, Mapping) else None
        return " ".join(str(names[0] if isinstance(names, list) and names else category.get("name") or "").split())

    def _end_backward_paths(self, steps: list[dict[str, Any]]) -> None:
        """Let connections that lead back, or nowhere, end the survey, and report each; cut it at `MOST_STEPS`."""
        del steps[MOST_STEPS:]
        places = {step["as"]: at for at, step in enumerate(steps) if "as" in step}
        for at, step in enumerate(steps):
            for branch in [step, *step.get("options", ())]:
                to = branch.get("to")
                if to not in (None, "end") and places.get(to, -1) <= at:
                    self.left.append(_("A way back from {node} ends the flow.").format(node=step.get("as", at + 1)))
                    branch["to"] = "end"


def _forward_order(nodes: Mapping[str, Node]) -> list[str]:
    """Return the nodes reachable from the first one, each before those it leads to unless a cycle prevents that."""
    done: list[str] = []
    seen: set[str] = set()
    waiting: list[tuple[str, Iterator[str]]] = []

    def enter(uuid: str) -> None:
        seen.add(uuid)
        waiting.append((uuid, iter([str(to) for to in _exits(nodes[uuid]).values() if str(to) in nodes])))

    if nodes:
        enter(next(iter(nodes)))
    while waiting:
        uuid, ways = waiting[-1]
        following = next((to for to in ways if to not in seen), None)
        if following is None:
            waiting.pop()
            done.append(uuid)
        else:
            enter(following)
    return done[::-1]


def _actions(node: Node) -> Sequence[Node]:
    return _list_in(node, "actions")


def _list_in(holder: Node, name: str) -> list[Node]:
    listed = holder.get(name)
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def _exits(node: Node) -> dict[str, object]:
    return {str(each_exit.get("uuid")): each_exit.get("destination_uuid") for each_exit in _list_in(node, "exits")}


def _only_exit(node: Node) -> str:
    return next(iter(_exits(node)), "")
