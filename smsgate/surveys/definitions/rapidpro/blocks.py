"""The shape between a flow of RapidPro and a definition: blocks of steps that lead to other blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Words = Mapping[str, str]  # by language


class Key(NamedTuple):
    """A block: a node and, if it asks, the node whose last text is its question."""

    node: str
    asker: str = ""


@dataclass
class Step:
    """A step whose targets are blocks; None is the end."""

    data: dict[str, Any]
    to: Key | None = None
    options: list[tuple[dict[str, Any], Key | None]] = field(default_factory=list)
    variable: str = ""  # what it answers or notes, or what a `go` depends on
    cases: Mapping[str, Any] = field(default_factory=dict)  # how a source's answers fall, for a `go`
    part: str = ""
    category: str = ""

    @property
    def targets(self) -> Iterator[Key]:
        """The blocks that it names itself."""
        yield from (to for to in (self.to, *(to for _option, to in self.options)) if to is not None)


@dataclass
class Block:
    """Steps in a row, and the block that follows them."""

    key: Key
    steps: list[Step] = field(default_factory=list)
    following: Key | None = None

    @property
    def targets(self) -> list[Key]:
        """Every block that can come after this one."""
        named = [target for step in self.steps for target in step.targets]
        return list(dict.fromkeys([*named, *([self.following] if self.following else [])]))


def forward_order(start: Key, blocks: Mapping[Key, Block]) -> list[Key]:
    """Return the blocks reachable from the first one, each before those it leads to unless a cycle prevents that."""
    done: list[Key] = []
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


def _reversed_targets(blocks: Mapping[Key, Block], key: Key) -> Iterator[Key]:
    return iter([to for to in reversed(blocks[key].targets) if to in blocks])


def meeting_point(
    starts: Sequence[Key | None], ways: Mapping[Key, Sequence[Key | None]], order: Mapping[Key, int]
) -> Key | None:
    """Return the first block to which all of these lead in the end, always forward; None if they do not meet."""
    if not starts or None in starts:
        return None
    common = set.intersection(*(_reachable(start, ways, order) for start in starts if start is not None))
    return min(common, key=lambda key: order[key]) if common else None


def _reachable(start: Key, ways: Mapping[Key, Sequence[Key | None]], order: Mapping[Key, int]) -> set[Key]:
    seen: set[Key] = set()
    pending = [start]
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += [to for to in ways[key] if to is not None and order[to] > order[key]]
    return seen


def regions_of_lists(
    order: Sequence[Key], blocks: Mapping[Key, Block], ways: Mapping[Key, Sequence[Key | None]]
) -> dict[Key, set[Key]]:
    """Return the choices that come again after each of their answers, and the blocks between an answer and that.

    Every way from an answer leads back to the choice, or it ends the flow at once; nothing else leads in between.
    """
    at = {key: index for index, key in enumerate(order)}
    found: dict[Key, set[Key]] = {}
    for key in order:
        block = blocks[key]
        if "choose" not in block.steps[-1].data or block.following is not None or len(block.steps) > 1:
            continue
        region = set[Key]().union(
            *(_reachable(to, ways, at) for to in ways[key] if to is not None and at[to] > at[key])
        )
        comes_back = any(to == key for each in (key, *region) for to in ways[each])
        returns = all(_returns(blocks[each], ways[each], at, at[each], key) for each in region)
        straight = all(to is None or to == key or at[to] > at[key] for to in ways[key])
        entered = any(to in region for each in order if each not in region and each != key for to in ways[each])
        if comes_back and returns and straight and not entered:
            found[key] = region
    return found


def _returns(block: Block, targets: Sequence[Key | None], at: Mapping[Key, int], here: int, to: Key) -> bool:
    """Whether a block leads on, or back to a list, and never to the end."""
    ends = block.following is None and "choose" not in block.steps[-1].data
    return not ends and all(each is not None and (at[each] > here or each == to) for each in targets)
