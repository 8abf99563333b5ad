"""Turning a waiting node into a question: a choice, a number, or free text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smsgate.core.admin_text import _
from smsgate.core.i18n import speaking
from smsgate.flows.survey import more_answers, please_choose
from smsgate.surveys.definitions.rapidpro.blocks import Block, Step, StepKey, Words
from smsgate.surveys.definitions.rapidpro.choices import Choice, choices_for, option_names
from smsgate.surveys.definitions.rapidpro.graph import Case, Node, Router
from smsgate.surveys.definitions.rapidpro.report import short, words_of
from smsgate.surveys.definitions.rapidpro.rules import HIGHEST, NUMBER_TESTS, Range, range_of, rules_for
from smsgate.surveys.definitions.rapidpro.variables import Asked

if TYPE_CHECKING:
    from smsgate.surveys.definitions.rapidpro.walk import Walk

MOST_OPTIONS = 9
LONGEST_LABEL = 80


@dataclass(frozen=True)
class Spoken:
    """A text that a node sends, in every language."""

    node: Node
    action: Mapping[str, Any]
    words: Words


class Questions:
    """Makes the questions of a walk, and reports what they leave out."""

    def __init__(self, walk: Walk, title: str) -> None:
        self.walk, self.title, self.report = walk, title, walk.report

    def ask(self, block: Block, node: Node, spoken: Spoken | None) -> list[Block]:
        """Append a waiting node's question to its block; return further blocks if it has too many options for one."""
        router = node.router
        if router is None or router.wait_kind == "dial":
            self.report.add(node, _("a call to someone else is left out."))
            block.following = self.walk.key_for(self.walk.passes_to(node))
            return []
        place = spoken.node if spoken else node
        if spoken is None:
            self.report.add(node, _("it waits for an answer but asks nothing: its name becomes the question."))
        self._tell_of_timeout(place, node, router)
        self._retry = self._retries(place, node, router)
        choice = choices_for(router, spoken.words if spoken else {}, self.walk.wordings, node, spoken, self._retry)
        if choice is not None:
            return self._choose(block, node, place, choice)
        if any(case.type in NUMBER_TESTS for case in rules_for(router)):
            self._ask_number(block, node, place, router, self._words(node, spoken))
        else:
            self._ask_words(block, node, place, router, self._words(node, spoken))
        if spoken is not None and spoken.action.get("quick_replies"):
            self.report.add(place, _("its buttons are left out: the answer is typed."))
        return []

    def _words(self, node: Node, spoken: Spoken | None) -> dict[str, str]:
        name = node.router.result if node.router and node.router.result else self.title
        return dict(spoken.words) if spoken else dict.fromkeys(self.walk.wordings.languages.spoken, name)

    def _tell_of_timeout(self, place: Node, node: Node, router: Router) -> None:
        if not router.timeout_category and not router.timeout_seconds:
            return
        said = _("after {minutes} minutes without an answer it went on to {to}; here the question waits.")
        to = self.walk.leads_to_words(node.leads(router.timeout_category))
        self.report.add(place, said.format(minutes=round(router.timeout_seconds / 60, 1) or "?", to=to))

    def _retries(self, place: Node, node: Node, router: Router) -> bool:
        """Return whether other answers just repeat the question, as phones do anyway; report the texts this drops."""
        way = self.walk.retry_texts(node.leads(router.default), node)
        if way is None or router.default not in router.categories:
            return False
        for again in (one for one in way if one.uuid != place.uuid):
            self.walk.seen.add(again.uuid)
            for action in again.texts:
                said = _("“{text}” after another answer is left out: the phone asks again by itself.")
                self.report.add(place, said.format(text=short(str(action.get("text")))))
            self.report.left.add(again.uuid)
        return True

    def _to(self, node: Node, category: str) -> StepKey | None:
        return self.walk.key_for(node.leads(category))

    # a choice

    def _choose(self, block: Block, node: Node, place: Node, choice: Choice) -> list[Block]:
        router = node.router
        asked = self.walk.variables.new_question(node)
        names = option_names(choice)
        options = []
        for name, option in zip(names, choice.options, strict=True):
            asked.values.append(
                (
                    name,
                    option.forms,
                    router.categories[option.category].name if router and option.category in router.categories else "",
                )
            )
            if any(len(words) > LONGEST_LABEL for words in option.label.values()):
                self.report.add(place, _("the answer “{label}” is cut to {count} characters.").format(
                    label=short(next(iter(option.label.values()))), count=LONGEST_LABEL))  # fmt: skip
            label = {language: words[:LONGEST_LABEL].strip() for language, words in option.label.items()}
            options.append(({"is": name, "label": label}, self._to(node, option.category)))
        self._tell_of_keys(place, choice)
        self._tell_of_other_ways(place, node, {option.category for option in choice.options})
        words = choice.stem or self._words(node, None)
        stem = {
            language: words.get(language) or _say_choose(language) for language in self.walk.wordings.languages.spoken
        }
        return self._split(block, asked, stem, options, self._otherwise(node))

    def _otherwise(self, node: Node) -> StepKey | None:
        router = node.router
        return self._to(node, router.default) if router and not self._retry and router.default else None

    def _split(
        self,
        block: Block,
        asked: Asked,
        stem: Words,
        options: list[tuple[dict[str, Any], StepKey | None]],
        other: StepKey | None,
    ) -> list[Block]:
        """Append a choice; if it has more than nine options, the ninth leads to the rest."""
        here, rest = (
            (options, [])
            if len(options) <= MOST_OPTIONS
            else (options[: MOST_OPTIONS - 1], options[MOST_OPTIONS - 1 :])
        )
        if rest:
            further = StepKey(block.key.node, f"{block.key.asker}+")
            label = {language: _say_more(language) for language in stem}
            here = [*here, ({"is": "more_answers", "label": label}, further)]
        block.steps.append(Step({"choose": dict(stem), "as": asked.name}, options=here))
        block.following = other
        if not rest:
            return []
        names = {option["is"] for option, _to in here}
        behind = Asked(f"{asked.name[:20]}_{len(rest)}m", [one for one in asked.values if one[0] not in names])
        asked.values = [one for one in asked.values if one[0] in names]
        self.walk.variables.asked[block.key.node].append(behind)
        second = Block(further)
        return [second, *self._split(second, behind, stem, rest, other)]

    def _tell_of_keys(self, place: Node, choice: Choice) -> None:
        """Report options whose number on the phone differs from that in the text."""
        changed = [
            _("{key} becomes {number} (“{label}”)").format(
                key=option.key.upper(), number=at, label=short(next(iter(option.label.values()))))
            for at, option in enumerate(choice.options, 1)
            if option.key and option.key != str(at)
        ]  # fmt: skip
        if changed:
            self.report.add(place, _("Phones number the answers from 1: {changed}").format(changed=", ".join(changed)))

    def _tell_of_other_ways(self, place: Node, node: Node, taken: set[str]) -> None:
        router = node.router
        if router is None:
            return
        for uuid, category in router.categories.items():
            cases = [case for case in router.cases if case.category == uuid]
            if uuid in taken or uuid == router.timeout_category or (uuid == router.default and self._retry):
                continue
            words = words_of(cases) if cases else _("any other answer")
            said = _("the path “{name}” (answers like {words}) to {to} is left out: the question doesn't offer it.")
            self.report.add(
                place, said.format(name=category.name, words=words, to=self.walk.leads_to_words(node.leads(uuid)))
            )

    # a number

    def _ask_number(self, block: Block, node: Node, place: Node, router: Router, words: dict[str, str]) -> None:
        asked = self.walk.variables.new_question(node)
        asked.is_number = True
        cases = [
            (case, limits) for case in rules_for(router) if case.type in NUMBER_TESTS and (limits := range_of(case))
        ]
        asked.ranges = [(router.categories[case.category].name, limits) for case, limits in cases
                        if case.category in router.categories]  # fmt: skip
        step: dict[str, Any] = {"ask": words, "as": asked.name, "kind": "number"}
        if self._retry or not router.default:
            step |= self._bounds(place, [limits for _case, limits in cases])
        block.steps.append(Step(step))
        taken = {router.default, *(case.category for case, _limits in cases)}
        skipping = self._skipping(place, router, taken) if self._retry else ""
        last = skipping or (cases[-1][0].category if cases else router.default)
        block.following = self._to(node, last) if self._retry else self._to(node, router.default)
        if not self._retry or skipping or len({case.category for case, _limits in cases}) > 1:
            block.steps += self._number_ways(node, asked, cases, block.following)
        self._tell_of_other_ways(place, node, {*taken, skipping})

    def _skipping(self, place: Node, router: Router, taken: set[str]) -> str:
        """Return the category for declining to give a number, if rules about words lead to exactly one; else ""."""
        others = list(dict.fromkeys(case.category for case in rules_for(router) if case.category not in taken))
        if len(others) != 1:
            return ""
        words = words_of(case for case in router.cases if case.category == others[0])
        self.report.add(place, _("instead of answers like {words}, people can skip the question.").format(words=words))
        return others[0]

    def _number_ways(
        self, node: Node, asked: Asked, cases: Sequence[tuple[Case, Range]], main: StepKey | None
    ) -> list[Step]:
        steps = []
        for case, limits in cases:
            condition = {"step": asked.name, **(limits.bounds() or {"from": 0})}
            steps.append(Step({"go": "", "only_if": condition}, self._to(node, case.category)))
        while steps and steps[-1].to == main:
            steps.pop()
        return steps

    def _bounds(self, place: Node, ranges: list[Range]) -> dict[str, int]:
        """Return the range of all rules together; report gaps in it."""
        low, high = min((one.least for one in ranges), default=0), max((one.most for one in ranges), default=HIGHEST)
        reached = low
        for one in sorted(ranges, key=lambda limits: limits.least):
            if one.least > reached + 1:
                self.report.add(
                    place, _("numbers between {low} and {high} are accepted too.").format(low=reached, high=one.least)
                )
            reached = max(reached, one.most)
        return Range(low, high).bounds() if low <= high else {}

    # words

    def _ask_words(self, block: Block, node: Node, place: Node, router: Router, words: dict[str, str]) -> None:
        asked = self.walk.variables.new_question(node)
        block.steps.append(Step({"ask": words, "as": asked.name}))
        rules = rules_for(router)
        free = next((case.category for case in rules if case.type == "has_text"), None)
        checked = next((case for case in rules if case.type not in ("has_text",)), None)
        taken = free or router.default
        if self._retry and checked is not None:
            taken = free or checked.category
            self.report.add(place, _("any answer is accepted here; the flow asked for {what}.").format(
                what=words_of([checked]) if checked.arguments else checked.type))  # fmt: skip
        block.following = self._to(node, taken)
        self._tell_of_other_ways(place, node, {taken})


def _say_choose(language: str) -> str:
    with speaking(language):
        return please_choose()


def _say_more(language: str) -> str:
    with speaking(language):
        return more_answers()
