"""Exporting a definition for RapidPro and TextIt, so that nothing a group wrote is locked in here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from smsgate.core.i18n import speaking
from smsgate.flows.survey import END, number_wanted, please_choose, that_is_all
from smsgate.surveys.definitions.rapidpro import seal
from smsgate.surveys.definitions.rapidpro.languages import OURS
from smsgate.surveys.definitions.schema import Definition

SPEC_VERSION = "13.1.0"  # every later goflow migrates it
EXPIRES = 10080  # minutes: a week
CATEGORY = 36  # characters in a category's name, RapidPro's limit
At = tuple[int, tuple[int, ...]]  # a step, and the lists to return to after it


def export_flow(definition: Definition) -> dict[str, Any]:
    """Return a definition as a file to import into RapidPro or TextIt."""
    flow = _Export(definition).flow()
    empty: dict[str, Any] = {"campaigns": [], "triggers": [], "fields": [], "groups": []}
    return {"version": "13", "site": "", "flows": [flow], **empty}


class _Export:
    """The export of one definition."""

    def __init__(self, definition: Definition) -> None:
        self.definition, self.steps = definition, definition["steps"]
        self.languages: list[str] = definition["languages"]
        self.base = self.languages[0]
        self.nodes: list[dict[str, Any]] = []
        self.drawn: dict[str, dict[str, Any]] = {}
        self.localization: dict[str, dict[str, Any]] = {OURS[one]: {} for one in self.languages[1:]}
        self.pending: list[At] = []

    def flow(self) -> dict[str, Any]:
        done: set[At] = set()
        self._entry((0, ()))
        while self.pending:
            at = self.pending.pop()
            if at not in done:
                done.add(at)
                self._node(at)
        if not self.nodes:
            self._add(self._id("empty"), [], None, {"": None}, "execute_actions")
        flow: dict[str, Any] = {
            "uuid": self._id("flow"),
            "name": self.definition["title"][self.base],
            "spec_version": SPEC_VERSION,
            "language": OURS[self.base],
            "type": "messaging",
            "revision": 1,
            "expire_after_minutes": EXPIRES,
            "localization": self.localization,
            "nodes": self.nodes,
        }
        return flow | {"_ui": {"nodes": self.drawn, seal.PLACE: seal.sealed(flow, self.definition)}}

    def _id(self, *parts: object) -> str:
        """Return a uuid that is the same in every export of this definition."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, ("smsgate", self.definition["name"], *parts)))))

    # where steps lead

    def _entry(self, at: At) -> str | None:
        """Return the node at which a step begins, and queue it for export; None at the end."""
        index, lists = at
        while index >= len(self.steps):
            if not lists:
                return None
            index, lists = lists[-1], lists[:-1]
            return self._wanted((index, lists), "body")
        step = self.steps[index]
        if "only_if" in step:
            return self._wanted((index, lists), "if")
        if "go" in step:
            return self._entry((self._index(index, step["go"]), lists))
        return self._wanted((index, lists), "body")

    def _wanted(self, at: At, part: str) -> str:
        self.pending.append(at)
        return self._id(part, *at)

    def _index(self, at: int, to: str | None) -> int:
        if to is None:
            return at + 1
        return len(self.steps) if to == END else next(i for i, step in enumerate(self.steps) if step.get("as") == to)

    def _node(self, at: At) -> None:
        index, lists = at
        step = self.steps[index]
        if "only_if" in step:
            self._condition(at, step["only_if"])
        if "say" in step:
            to = self._entry((self._index(index, step.get("to")), lists))
            self._add(self._id("body", *at), [self._message(at, step["say"])], None, {"": to}, "execute_actions")
        elif "remember" in step:
            noted = {"type": "set_run_result", "uuid": self._id("note", *at), "name": step["remember"],
                     "value": step["value"], "category": step["value"]}  # fmt: skip
            self._add(self._id("body", *at), [noted], None, {"": self._entry((index + 1, lists))}, "execute_actions")
        elif "ask" in step:
            self._ask(at, step)
        elif "choose" in step:
            self._choose(at, step)

    def _condition(self, at: At, condition: Mapping[str, Any]) -> None:
        index, lists = at
        step = self.steps[index]
        body = self._entry((self._index(index, step["go"]), lists)) if "go" in step else self._id("body", *at)
        other = self._entry((index + 1, lists))
        yes, no = (other, body) if "not" in condition else (body, other)
        operand, tests = self._tests(condition)
        router = self._router(("if", *at), operand, [("Yes", tests)], "Other", None)
        config = {"operand": {"id": condition["step"], "name": condition["step"], "type": "result"}, "cases": {}}
        self._add(self._id("if", *at), [], router, {"Yes": yes, "Other": no}, "split_by_run_result", config)

    def _tests(self, condition: Mapping[str, Any]) -> tuple[str, list[tuple[str, list[str]]]]:
        """Return a condition's operand, and the tests of which at least one has to pass."""
        name = condition["step"]
        asked: Mapping[str, Any] = next(
            (step for step in self.steps if step.get("as") == name and {"ask", "choose"} & step.keys()), {}
        )
        values = condition.get("is", condition.get("not"))
        if values is None:
            return f"@results.{name}", [_range_test(condition)]
        if asked.get("kind") == "number":
            return f"@results.{name}", [("has_number_eq", [value]) for value in values if value.isdecimal()]
        if "ask" in asked:
            return f"@results.{name}", [("has_only_phrase", [value.replace("_", " ")]) for value in values]
        labels = dict(
            zip([option["is"] for option in asked.get("options", ())], _categories(asked, self.base), strict=True)
        )
        return f"@results.{name}.category", [("has_only_text", [labels.get(value, value)]) for value in values]

    # questions

    def _ask(self, at: At, step: Mapping[str, Any]) -> None:
        index, lists = at
        to = self._entry((self._index(index, step.get("to")), lists))
        if step.get("kind") != "number":
            router = self._router(("wait", *at), "@input.text", [], "All Responses", step["as"])
            self._question(at, step["ask"], router, {"All Responses": to}, None)
            return
        router = self._router(("wait", *at), "@input.text", [("Number", [_range_test(step)])], "Other", step["as"])
        again = {}
        for language in self.languages:
            with speaking(language):
                again[language] = number_wanted(step)
        self._question(at, step["ask"], router, {"Number": to}, again)

    def _choose(self, at: At, step: Mapping[str, Any]) -> None:
        index, lists = at
        again = bool(step.get("again"))
        names, rules, exits = _categories(step, self.base), [], {}
        labels: list[Mapping[str, str]] = [option["label"] for option in step["options"]]
        for option, name in zip(step["options"], names, strict=True):
            stack = (*lists, index) if again and option.get("to") != END else lists
            exits[name] = self._entry((self._index(index, option.get("to")), stack))
        if again and END not in {option.get("to") for option in step["options"]}:
            labels = [*labels, self._spoken(that_is_all)]
            names.append(_free(labels[-1][self.base], names))
            exits[names[-1]] = self._entry((len(self.steps), lists))
        for number, (name, label) in enumerate(zip(names, labels, strict=True), 1):
            rules.append((name, [("has_number_eq", [str(number)]), ("has_only_phrase", [label[self.base]])]))
        words = {
            language: "\n".join([step["choose"][language], "", *_numbered(labels, language)])
            for language in self.languages
        }
        router = self._router(("wait", *at), "@input.text", rules, "Other", step["as"])
        self._translate(("wait", *at), names, labels)
        self._question(at, words, router, exits, self._spoken(please_choose))

    def _spoken(self, words: Any) -> dict[str, str]:  # noqa: ANN401 - a function without arguments
        found = {}
        for language in self.languages:
            with speaking(language):
                found[language] = words()
        return found

    def _question(
        self, at: At, words: Mapping[str, str], router: dict[str, Any], exits: dict[str, str | None],
        again: Mapping[str, str] | None,
    ) -> None:  # fmt: skip
        """Add the node that asks, the one that waits and, if `again` is given, the one that asks again."""
        wait = self._id("wait", *at)
        self._add(self._id("body", *at), [self._message(at, words)], None, {"": wait}, "execute_actions")
        if again is not None:
            exits = {**exits, "Other": self._id("again", *at)}
        self._add(wait, [], router, exits, "wait_for_response", {"cases": {}})
        if again is not None:
            said = self._message(("again", *at), again)
            self._add(self._id("again", *at), [said], None, {"": wait}, "execute_actions")

    # parts of nodes

    def _message(self, at: Sequence[object], words: Mapping[str, str]) -> dict[str, Any]:
        action = self._id("message", *at)
        for language in self.languages[1:]:
            self.localization[OURS[language]][action] = {"text": [_escaped(words[language])]}
        return {
            "type": "send_msg",
            "uuid": action,
            "text": _escaped(words[self.base]),
            "attachments": [],
            "quick_replies": [],
        }

    def _router(
        self, place: Sequence[object], operand: str, rules: Sequence[tuple[str, list[tuple[str, list[str]]]]],
        default: str, result: str | None,
    ) -> dict[str, Any]:  # fmt: skip
        names = [name for name, _tests in rules] + [default]
        categories = [
            {
                "uuid": self._id("category", *place, name),
                "name": name,
                "exit_uuid": self._id("exit", *place[1:], place[0], name),
            }
            for name in names
        ]
        cases = [
            {"uuid": self._id("case", *place, name, number), "type": test, "arguments": [*map(_escaped, arguments)],
             "category_uuid": self._id("category", *place, name)}
            for name, tests in rules for number, (test, arguments) in enumerate(tests)
        ]  # fmt: skip
        waits = {"wait": {"type": "msg"}, "result_name": result} if result else {}
        return {"type": "switch", "operand": operand, **waits, "categories": categories, "cases": cases,
                "default_category_uuid": categories[-1]["uuid"]}  # fmt: skip

    def _translate(self, place: Sequence[object], names: Sequence[str], labels: Sequence[Mapping[str, str]]) -> None:
        for language in self.languages[1:]:
            words = self.localization[OURS[language]]
            for name, label in zip(names, labels, strict=True):
                words[self._id("category", *place, name)] = {"name": [label[language][:CATEGORY]]}
                words[self._id("case", *place, name, 1)] = {"arguments": [_escaped(label[language])]}

    def _add(
        self, node: str, actions: list[dict[str, Any]], router: dict[str, Any] | None, exits: Mapping[str, str | None],
        drawn: str, config: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        if router is None:
            leads = [{"uuid": self._id("exit", node), "destination_uuid": next(iter(exits.values()))}]
        else:
            leads = [
                {"uuid": one["exit_uuid"], "destination_uuid": exits.get(one["name"])} for one in router["categories"]
            ]
        self.nodes.append({"uuid": node, "actions": actions, **({"router": router} if router else {}), "exits": leads})
        place = {"left": 300 * (len(self.nodes) % 3), "top": 150 * len(self.nodes)}
        self.drawn[node] = {"type": drawn, "position": place, **({"config": config} if config else {})}


def _categories(step: Mapping[str, Any], base: str) -> list[str]:
    """Return a unique category name for each option."""
    names: list[str] = []
    for option in step.get("options", ()):
        names.append(_free(option["label"][base], names))
    return names


def _free(label: str, taken: Sequence[str]) -> str:
    name = label[:CATEGORY].strip() or "?"
    used = {other.casefold() for other in (*taken, "Other")}
    ways = (f"{name[: CATEGORY - 3]} {number}" for number in range(2, 100))
    return name if name.casefold() not in used else next(way for way in ways if way.casefold() not in used)


def _numbered(labels: Sequence[Mapping[str, str]], language: str) -> list[str]:
    return [f"{number}. {label[language]}" for number, label in enumerate(labels, 1)]


def _range_test(bounds: Mapping[str, Any]) -> tuple[str, list[str]]:
    if "from" in bounds and "up_to" in bounds:
        return "has_number_between", [str(bounds["from"]), str(bounds["up_to"])]
    if "from" in bounds:
        return "has_number_gte", [str(bounds["from"])]
    return ("has_number_lte", [str(bounds["up_to"])]) if "up_to" in bounds else ("has_number", [])


def _escaped(text: str) -> str:
    """Return a text with its at signs escaped, so that none starts an expression."""
    return text.replace("@", "@@")
