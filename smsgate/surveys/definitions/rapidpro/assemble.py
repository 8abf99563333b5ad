"""Putting blocks in order as the steps of a definition: forward only, with conditions on earlier answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smsgate.core.admin_text import _
from smsgate.surveys.definitions.rapidpro.blocks import (
    Block,
    Step,
    StepKey,
    forward_order,
    meeting_point,
    regions_of_lists,
)
from smsgate.surveys.definitions.rapidpro.graph import Node
from smsgate.surveys.definitions.rapidpro.report import short, words_of
from smsgate.surveys.definitions.rapidpro.variables import Noted, conditions, noted_conditions
from smsgate.surveys.definitions.rapidpro.walk import Walk

MOST_STEPS = 120
END = "end"


class Assembly:
    """The steps of one flow; what a definition cannot express goes into the report."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.report, self.blocks = walk, walk.report, walk.blocks
        self.order = [key for key in forward_order(walk.start, self.blocks) if self.blocks[key].steps]
        self.at = {key: index for index, key in enumerate(self.order)}
        self.names = {key: self._name(index, self.blocks[key]) for key, index in self.at.items()}
        self.ways = {key: self._ways(self.blocks[key]) for key in self.order}
        self.lists = regions_of_lists(self.order, self.blocks, self.ways)
        self.origins: dict[int, StepKey] = {}  # the block of each step, by the step's id()
        self.known: set[str] = set()  # names that steps so far have answered or stored

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps, without unreachable ones."""
        made: list[dict[str, Any]] = []
        for index, key in enumerate(self.order):
            following = self.order[index + 1] if index + 1 < len(self.order) else None
            if key in self.lists:  # what follows leads back to it
                self.known |= {name for later in self.order[index:] for step in self.blocks[later].steps
                               for name in _names_set_by(step)}  # fmt: skip
            steps = self._block(self.blocks[key], following)
            if steps and "as" not in steps[0]:
                steps[0]["as"] = self.names[key]
            self.origins |= {id(step): key for step in steps}
            made += steps
        start = self._resolved(self.walk.start)
        if start is not None and made and start != self.order[0]:
            made.insert(0, {"go": self.names[start]})
        kept = _with_true_conditions(self._cut(_reached(made)))
        self._tell_of_lost(kept)
        return _named_where_needed(kept)

    def _tell_of_lost(self, kept: list[dict[str, Any]]) -> None:
        """Report nodes that were imported, but whose steps cannot be reached."""
        keys = [self.origins[id(step)] for step in kept if id(step) in self.origins]
        reached = {uuid for key in keys for uuid in (key.node, key.asker.rstrip("+"))}
        for node in self.walk.graph.nodes.values():
            if (node.texts or node.waits) and node.uuid not in reached and node.uuid in self.walk.seen:
                self.report.leave(node)

    def _name(self, index: int, block: Block) -> str:
        return str(block.steps[0].data.get("as") or f"n{index + 1}")

    def _resolved(self, key: StepKey | None) -> StepKey | None:
        """Return the first block with steps, starting from this one; None for the end."""
        seen: set[StepKey] = set()
        while key is not None and not self.blocks[key].steps:
            if key in seen:
                return None
            seen.add(key)
            key = self.blocks[key].following
        return key

    def _ways(self, block: Block) -> list[StepKey | None]:
        """Return the blocks with steps that can come next, None standing for the end."""
        options = [self._resolved(to) for step in block.steps for _option, to in step.options]
        return list(dict.fromkeys([*options, *(self._resolved(to) for to in block.targets)]))

    def _target(self, block: Block, key: StepKey | None) -> str:
        found = self._resolved(key)
        if found is None:
            return END
        if found in self.lists and block.key in (found, *self.lists[found]):
            return END  # after which the list is shown again
        if self.at[found] <= self.at[block.key]:
            said = _("A way back to {to} is left out: here the flow ends.")
            self.report.add(self._node(block), said.format(to=self.walk.leads_to_words(found.asker or found.node)))
            return END
        return self.names[found]

    def _node(self, block: Block) -> Node:
        asker = self.walk.graph.nodes.get(block.key.asker.rstrip("+"))
        return asker or self.walk.graph.nodes[block.key.node]

    def _block(self, block: Block, following: StepKey | None) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for step in block.steps:
            made += self._step(block, step)
            self.known |= _names_set_by(step)
        if block.key in self.lists:
            return self._list(block, made)
        target = self._after(block)
        expected = self.names[following] if following is not None else END
        if target != expected:
            self._lead(made, target)
        return made

    def _list(self, block: Block, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Mark a choice as repeating; answers that lead straight back to it get a step of their own, which ends."""
        made[-1]["again"] = True
        name = f"{made[-1]['as'][:20]}_on"
        straight = [self._resolved(to) == block.key for _option, to in block.steps[-1].options]
        for option, comes_back in zip(made[-1]["options"], straight, strict=True):
            option.update({"to": name} if comes_back else {})
        return [*made, {"go": END, "as": name}] if any(straight) else made

    def _after(self, block: Block) -> str:
        last = block.steps[-1]
        if "choose" in last.data and block.following is None:
            ways = [self._resolved(to) for _option, to in last.options]
            onward = [to for to in ways if to is None or self.at[to] > self.at[block.key]]
            return self._target(block, meeting_point(onward, self.ways, self.at))
        return self._target(block, block.following)

    @staticmethod
    def _lead(made: list[dict[str, Any]], target: str) -> None:
        """Make a row of steps continue at a step that does not follow it."""
        if made and "to" not in made[-1] and ("say" in made[-1] or "ask" in made[-1]) and "only_if" not in made[-1]:
            made[-1]["to"] = target
        else:
            made.append({"go": target})

    def _step(self, block: Block, step: Step) -> list[dict[str, Any]]:
        if "go" in step.data:
            target = self._target(block, step.to)
            if "only_if" in step.data:
                return [{**step.data, "go": target}]
            return [{"go": target, "only_if": condition} for condition in self._conditions(step)]
        if "choose" not in step.data:
            return [dict(step.data)]
        options = [{**option, "to": self._target(block, to)} for option, to in step.options]
        return [{**step.data, "options": options}]

    def _conditions(self, step: Step) -> Iterator[dict[str, Any]]:
        """Yield the conditions under which a rule about an earlier answer holds; report it if there are none."""
        node, rules, case = step.cases["node"], step.cases["rules"], step.cases["case"]
        said = False
        notes: dict[str, list[Noted]] = {}
        for source in self.walk.variables.sources(step.variable, step.part, node):
            if source.noted is not None:
                notes.setdefault(self._note_name(step.variable, source.noted), []).append(source.noted)
            for asked in self.walk.variables.asked.get(source.node, ()) if source.node else ():
                found = conditions(asked, source.part, rules, case) if asked.name in self.known else []
                said = said or bool(found) or bool(asked.values)
                yield from found
        for name, noted in notes.items():
            found = noted_conditions(name, noted, step.part, rules, case) if name in self.known else []
            said = True
            yield from found
        if not said:
            self.report.add(node, _("the rule “{words}” can't be expressed here and is left out.").format(
                words=words_of([case]) if case.arguments else short(case.type)))  # fmt: skip

    def _note_name(self, variable: str, noted: Noted) -> str:
        return self.walk.variables.name_of_note(noted.node, variable)

    def _cut(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for step in made[MOST_STEPS:]:
            words = step.get("say") or step.get("ask") or step.get("choose")
            if words:
                said = _("After {count} steps it is cut: “{text}” is left out.")
                self.report.add(None, said.format(count=MOST_STEPS, text=short(next(iter(words.values())))))
        kept = made[:MOST_STEPS]
        names = {step["as"] for step in kept if "as" in step}
        for step in kept:
            for holder, key in [(step, "to"), (step, "go"), *((option, "to") for option in step.get("options", ()))]:
                if key in holder and holder[key] not in {*names, END}:
                    holder[key] = END
        return kept


def _names_set_by(step: Step) -> set[str]:
    """Return the name that a step answers or stores, if it does."""
    if {"ask", "choose"} & step.data.keys():
        return {step.data["as"]}
    return {step.data["remember"]} if "remember" in step.data else set()


def _reached(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps that can be reached from the first one."""
    places = {step["as"]: at for at, step in enumerate(made) if "as" in step}
    reached = {0} if made else set()
    for at, step in enumerate(made):
        if at in reached:
            named = [step.get("to"), step.get("go"), *(option.get("to") for option in step.get("options", ()))]
            reached |= {places[to] for to in named if to in places}
            if (
                ("choose" in step and not step.get("again"))
                or "only_if" in step
                or not (step.get("to") or step.get("go"))
            ):
                reached.add(at + 1)
    return [step for at, step in enumerate(made) if at in reached]


def _with_true_conditions(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps without those whose conditions can never hold."""
    while True:
        values: dict[str, set[str] | None] = {}  # by the answer's name; None if it is typed
        kept: list[dict[str, Any]] = []
        lost: list[str] = []  # names of removed steps, which the next step takes over
        for at, step in enumerate(made):
            if _can_hold(step, values):
                kept.append(step)
                lost = _take_over(made, step, lost)
            elif "as" in step:
                lost.append(step["as"])
            # A list that is asked again comes back with all that was answered and remembered behind it.
            for known in made[at:] if step.get("again") else [step]:
                _add_values(values, known)
        _take_over(kept, {"as": END}, lost)
        kept = _reached(kept)
        if len(kept) == len(made):
            return kept
        made = kept


def _add_values(values: dict[str, set[str] | None], step: Mapping[str, Any]) -> None:
    """Add what is known once this step was passed."""
    if "ask" in step:
        values[step["as"]] = None
    elif "choose" in step:
        values[step["as"]] = {option["is"] for option in step["options"]}
    elif "remember" in step and (known := values.setdefault(step["remember"], set())) is not None:
        known.add(step["value"])


def _take_over(made: list[dict[str, Any]], step: dict[str, Any], lost: list[str]) -> list[str]:
    """Redirect everything that led to the lost steps to this one; return the names that are still lost: none."""
    if lost:
        name = step.setdefault("as", lost[0])
        for other in made:
            for holder in (other, *other.get("options", ())):
                holder.update({key: name for key in ("to", "go") if holder.get(key) in lost})
    return []


def _can_hold(step: dict[str, Any], values: dict[str, set[str] | None]) -> bool:
    """Remove impossible answers from a step's condition; return whether the condition can still hold."""
    condition = step.get("only_if")
    if condition is None:
        return True
    known = values.get(condition["step"], set())
    if known is None:
        return True
    if "is" in condition:
        condition["is"] = [value for value in condition["is"] if value in known]
    return bool(condition.get("is"))


def _named_where_needed(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Remove the names of messages and silent steps that nothing leads to."""
    named = {holder[key] for step in made for holder in (step, *step.get("options", ())) for key in ("to", "go")
             if key in holder}  # fmt: skip
    for step in made:
        if not {"ask", "choose"} & step.keys() and step.get("as") not in named:
            step.pop("as", None)
    return made
