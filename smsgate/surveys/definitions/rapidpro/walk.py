"""Turning the nodes of a flow into blocks of steps, and reporting everything that has no counterpart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsgate.core.admin_text import _
from smsgate.surveys.definitions.rapidpro.blocks import Block, Step, StepKey
from smsgate.surveys.definitions.rapidpro.expressions import variable_in
from smsgate.surveys.definitions.rapidpro.graph import SPOKEN, Graph, Node
from smsgate.surveys.definitions.rapidpro.questions import Questions, Spoken
from smsgate.surveys.definitions.rapidpro.report import Report, action_words, place, quoted, short
from smsgate.surveys.definitions.rapidpro.rules import rules_for
from smsgate.surveys.definitions.rapidpro.variables import Variables, key_of, note_in
from smsgate.surveys.definitions.rapidpro.wordings import Wordings

LONGEST_WAY = 200  # silent nodes in a row


class Walk:
    """The blocks of one flow; `seen` has the uuids of the nodes they come from."""

    def __init__(self, graph: Graph, wordings: Wordings, report: Report, title: str) -> None:
        self.graph, self.wordings, self.report = graph, wordings, report
        self.variables = Variables(graph)
        self.questions = Questions(self, title)
        self.blocks: dict[StepKey, Block] = {}
        self.seen: set[str] = set()
        self._speaking: dict[str | None, bool] = {}
        self.start = StepKey(next(iter(graph.nodes)))

    def take(self) -> None:
        """Make all blocks that can be reached from the first node, and report the other nodes."""
        pending = [self.start]
        while pending:
            key = pending.pop()
            if key not in self.blocks:
                for block in self._expand(key):
                    self.blocks[block.key] = block
                    pending += block.targets
        for node in self.graph.nodes.values():
            if node.uuid not in self.seen:
                self.report.leave(node)

    def key_for(self, uuid: str | None) -> StepKey | None:
        """Return the key of a node's block; None for the end."""
        return StepKey(uuid) if uuid in self.graph.nodes and uuid is not None else None

    def _expand(self, key: StepKey) -> list[Block]:
        node = self.graph.nodes[key.node]
        self.seen.add(node.uuid)
        block = Block(key)
        said = self._said(node)
        block.steps += self._notes(node)
        if node.waits:
            spoken = said.pop() if said else self._spoken_by(key.asker)
            self._say(block, said)
            return [block, *self.questions.ask(block, node, spoken)]
        self._lead_on(block, node, said)
        return [block]

    def _said(self, node: Node) -> list[Spoken]:
        spoken = [Spoken(node, action, self.wordings.text(node, action)) for action in node.texts]
        return [one for one in spoken if one.words]

    def _spoken_by(self, asker: str) -> Spoken | None:
        node = self.graph.nodes.get(asker)
        said = self._said(node) if node else []
        return said[-1] if said else None

    def _say(self, block: Block, said: list[Spoken]) -> None:
        for one in said:
            block.steps.append(Step({"say": dict(one.words)}))
            self._tell_of_extras(one, asks=False)

    def _tell_of_extras(self, one: Spoken, *, asks: bool) -> None:
        if one.action.get("attachments"):
            self.report.add(one.node, _("pictures, sound or files are left out."))
        if one.action.get("template") or one.action.get("templating"):
            self.report.add(one.node, _("its WhatsApp template is left out, its text is kept."))
        if one.action.get("quick_replies") and not asks:
            self.report.add(one.node, _("its buttons are left out: nothing is asked here."))

    def _lead_on(self, block: Block, node: Node, said: list[Spoken]) -> None:
        """Connect a node that does not wait to what comes next; its last text may be a later node's question."""
        if self._splits(node):
            self._say(block, said)
            block.steps += self._ways(node)
            block.following = self.key_for(node.leads(node.router.default if node.router else ""))
            return
        following = self.passes_to(node)
        wait, passed = self._wait_behind(following)
        if said and wait is not None:
            for silent in passed:
                self.seen.add(silent.uuid)
                block.steps += self._notes(silent)
                self._tell_of_passing(silent)
            self._tell_of_extras(said[-1], asks=True)
            self._say(block, said[:-1])
            block.following = StepKey(wait, node.uuid)
        else:
            self._say(block, said)
            block.following = self.key_for(following)
        self._tell_of_passing(node)

    def _wait_behind(self, uuid: str | None) -> tuple[str | None, list[Node]]:
        """Return the waiting node without its own text that silent nodes lead to, if any, and those silent nodes."""
        passed: list[Node] = []
        while uuid in self.graph.nodes and uuid is not None and len(passed) < LONGEST_WAY:
            node = self.graph.nodes[uuid]
            if node.waits or node.texts:
                return (uuid if node.waits and not node.texts else None), passed
            if self._splits(node) or node in passed:
                return None, []
            passed.append(node)
            uuid = self.passes_to(node)
        return None, []

    def passes_to(self, node: Node) -> str | None:
        """Return where a node leads that neither asks anything nor splits by anything known here."""
        return node.leads(self._default(node)) if node.router is not None else node.only_exit

    def _default(self, node: Node) -> str:
        """Return the category that a router takes if what it splits by is unknown.

        Of the category of a completed flow, the default and the others, it is the first that leads to a text.
        """
        router = node.router
        if router is None:
            return ""
        variable = variable_in(router.operand)
        if variable is not None and variable[0].startswith("results.") and router.default in router.categories:
            return router.default  # a result that nothing earlier sets has no value
        completed = next((case.category for case in router.cases if "completed" in case.arguments), "")
        usual = [completed, router.default, *router.categories]
        ways = [category for category in dict.fromkeys(usual) if category in router.categories]
        return next((category for category in ways if self._says(node.leads(category))), ways[0] if ways else "")

    def _says(self, start: str | None) -> bool:
        """Return whether any text is reachable from a node."""
        if start not in self._speaking:
            pending, seen = [start], set[str | None]()
            while pending:
                node = self.graph.nodes.get(pending.pop() or "")
                if node is not None and node.uuid not in seen:
                    seen.add(node.uuid)
                    pending += [] if node.texts else self.graph.targets(node)
            self._speaking[start] = any(self.graph.nodes[uuid].texts for uuid in seen if uuid)
        return self._speaking[start]

    def _splits(self, node: Node) -> bool:
        """Return whether a node splits by something that was answered or stored before it."""
        if node.router is None or node.waits or node.router.kind != "switch":
            return False
        variable = variable_in(node.router.operand)
        return variable is not None and bool(self.variables.sources(*variable, node))

    def _ways(self, node: Node) -> list[Step]:
        router = node.router
        variable = variable_in(router.operand) if router else None
        if router is None or variable is None:
            return []
        rules, default, steps = rules_for(router), node.leads(router.default), list[Step]()
        for case in rules:
            to = node.leads(case.category)
            steps.append(Step({"go": ""}, self.key_for(to), variable=variable[0], part=variable[1],
                              cases={"rules": rules, "case": case, "node": node}))  # fmt: skip
        while steps and steps[-1].to == self.key_for(default):
            steps.pop()  # the default path simply continues
        return steps

    def _notes(self, node: Node) -> list[Step]:
        """Return steps for the values that a node stores, and report its other actions."""
        steps = []
        for action in node.actions:
            if action in node.texts:
                continue
            noted = note_in(action)
            if action.get("type") in SPOKEN:
                self.report.add(node, _("a message without words is left out, with its pictures or files."))
            elif noted is None:
                self.report.add(node, action_words(action))
            else:
                steps += self._note(node, action, *noted)
        return steps

    def _note(self, node: Node, action: Mapping[str, Any], variable: str, value: str, category: str) -> list[Step]:
        taken, name = variable_in(value), short(variable.partition(".")[2])
        if taken is not None and self.variables.sources(*taken, node):
            said = _("“{name}” is an answer, which is saved under its own name.")
            self.report.add(node, said.format(name=name))
            return []
        key = key_of(category or value)
        if "@" in value or not key:
            said = _("clearing “{name}” is left out.").format(name=name) if not value else action_words(action)
            self.report.add(node, said)
            return []
        return [Step({"remember": self.variables.note_name(variable), "value": key}, variable=variable)]

    def _tell_of_passing(self, node: Node) -> None:
        """Report the paths not taken at a node that splits by something unknown."""
        router = node.router
        if router is None or self._splits(node):
            return
        taken = self._default(node)
        name = router.categories[taken].name if taken in router.categories else "?"
        others = [one.name for uuid, one in router.categories.items() if uuid != taken and one.name]
        what = _("chance") if router.kind == "random" else short(router.operand or router.kind)
        said = _("{what} isn't known here, so it goes on as “{name}”.").format(what=what, name=name)
        if others:
            said += " " + _("Left out: {names}").format(names=short(", ".join(dict.fromkeys(others)), 100))
        self.report.add(node, said)

    def retry_texts(self, start: str | None, wait: Node) -> list[Node] | None:
        """Return the nodes of a path that only sends texts and leads back to `wait`; None if it leads elsewhere."""
        way: list[Node] = []
        while start in self.graph.nodes and start is not None and len(way) < LONGEST_WAY:
            node = self.graph.nodes[start]
            if node.uuid == wait.uuid:
                return way
            if node.waits or node in way or self._splits(node) or node.router is not None:
                return None
            way.append(node)
            start = node.only_exit
        return None

    def leads_to_words(self, uuid: str | None) -> str:
        """Return where a path leads, in words for the report."""
        node = self.graph.nodes.get(uuid or "")
        return (quoted(str(node.texts[0].get("text"))) if node.texts else place(node)) if node else _("the end")
