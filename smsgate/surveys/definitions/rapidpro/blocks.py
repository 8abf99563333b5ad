"""The intermediate form between a RapidPro flow and a definition: blocks of steps that lead to other blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Words = Mapping[str, str]  # by language


class StepKey(NamedTuple):
    """The key of a block: a node and, if that asks something, the node whose last text is its question."""

    node: str
    asker: str = ""


@dataclass
class Step:
    """A step whose targets are blocks; None stands for the end."""

    data: dict[str, Any]
    to: StepKey | None = None
    options: list[tuple[dict[str, Any], StepKey | None]] = field(default_factory=list)
    variable: str = ""  # what it answers or stores, or what a `go` depends on
    cases: Mapping[str, Any] = field(default_factory=dict)  # for a `go`: the case that takes it, its node and all rules
    part: str = ""
    category: str = ""

    @property
    def targets(self) -> Iterator[StepKey]:
        """The blocks that the step itself leads to."""
        yield from (to for to in (self.to, *(to for _option, to in self.options)) if to is not None)


@dataclass
class Block:
    """Consecutive steps, and the block that follows them."""

    key: StepKey
    steps: list[Step] = field(default_factory=list)
    following: StepKey | None = None

    @property
    def targets(self) -> list[StepKey]:
        """Every block that can come after this one."""
        named = [target for step in self.steps for target in step.targets]
        return list(dict.fromkeys([*named, *([self.following] if self.following else [])]))


def forward_order(start: StepKey, blocks: Mapping[StepKey, Block]) -> list[StepKey]:
    """Return the blocks reachable from `start`, each before those it leads to unless a cycle prevents that."""
    done: list[StepKey] = []
    seen = {start}
    waiting = [(start, _reversed_targets(blocks, start))]
    while waiting:
        key, targets = waiting[-1]
        following = next((to for to in targets if to not in seen), None)
        if following is None:
            waiting.pop()
            done.append(key)
        else:
            seen.add(following)
            waiting.append((following, _reversed_targets(blocks, following)))
    return done[::-1]


def _reversed_targets(blocks: Mapping[StepKey, Block], key: StepKey) -> Iterator[StepKey]:
    return iter([to for to in reversed(blocks[key].targets) if to in blocks])


def meeting_point(
    starts: Sequence[StepKey | None], ways: Mapping[StepKey, Sequence[StepKey | None]], order: Mapping[StepKey, int]
) -> StepKey | None:
    """Return the first block that all of these reach by going forward; None if they do not meet."""
    if not starts or None in starts:
        return None
    common = set.intersection(*(_reachable(start, ways, order) for start in starts if start is not None))
    return min(common, key=lambda key: order[key]) if common else None


def _reachable(
    start: StepKey, ways: Mapping[StepKey, Sequence[StepKey | None]], order: Mapping[StepKey, int]
) -> set[StepKey]:
    seen: set[StepKey] = set()
    pending = [start]
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += [to for to in ways[key] if to is not None and order[to] > order[key]]
    return seen


def regions_of_lists(
    order: Sequence[StepKey], blocks: Mapping[StepKey, Block], ways: Mapping[StepKey, Sequence[StepKey | None]]
) -> dict[StepKey, set[StepKey]]:
    """Return the choices that are shown again after their answers, each with the blocks in between.

    Every answer leads back to the choice or ends the flow at once, and nothing else leads into the blocks in between.
    """
    at = {key: index for index, key in enumerate(order)}
    found: dict[StepKey, set[StepKey]] = {}
    for key in order:
        block = blocks[key]
        if "choose" not in block.steps[-1].data or block.following is not None or len(block.steps) > 1:
            continue
        region = set[StepKey]().union(
            *(_reachable(to, ways, at) for to in ways[key] if to is not None and at[to] > at[key])
        )
        comes_back = any(to == key for each in (key, *region) for to in ways[each])
        returns = all(_returns(blocks[each], ways[each], at, at[each], key) for each in region)
        straight = all(to is None or to == key or at[to] > at[key] for to in ways[key])
        entered = any(to in region for each in order if each not in region and each != key for to in ways[each])
        if comes_back and returns and straight and not entered:
            found[key] = region
    return found


def _returns(
    block: Block, targets: Sequence[StepKey | None], at: Mapping[StepKey, int], here: int, to: StepKey
) -> bool:
    """Return whether a block only leads forward or back to the list `to`, never to the end."""
    ends = block.following is None and "choose" not in block.steps[-1].data
    return not ends and all(each is not None and (at[each] > here or each == to) for each in targets)
