"""A survey as a diagram: a box for each step, and a line to each step that can follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from smsgate.core.graphemes import clip
from smsgate.flows.survey import END

WIDE, TALL, GAP, LEFT, LONGEST = 300, 44, 26, 40, 34  # in SVG units; LONGEST is the characters in a box
STEP = TALL + GAP


class Box(NamedTuple):
    """A step, or the end (`number` 0), with its position."""

    number: int
    said: str
    kind: str
    some: bool  # shown only to some people
    y: int


class Line(NamedTuple):
    """A line between two boxes, as an SVG path, with the keys that lead along it."""

    path: str
    keys: str
    y: int  # where the keys are written
    straight: bool


class Way(NamedTuple):
    """The whole diagram."""

    boxes: list[Box]
    lines: list[Line]
    width: int
    height: int


def draw(steps: Sequence[Mapping[str, Any]], words: Sequence[str], kinds: Sequence[str]) -> Way:
    """Draw the steps from top to bottom, with straight lines to the next step and curves on the right for jumps."""
    boxes = [Box(at + 1, _clipped(words[at]), kinds[at], "only_if" in step, at * STEP) for at, step in enumerate(steps)]
    boxes.append(Box(0, "", "", some=False, y=len(steps) * STEP))
    lines = [_line(at, to, keys, lane) for lane, (at, to, keys) in enumerate(_edges(steps))]
    return Way(boxes, lines, LEFT + WIDE + 60 + 12 * len(lines), len(steps) * STEP + TALL)


def _clipped(words: str) -> str:
    short = clip(words, LONGEST)
    return short if short == words else f"{short}…"


def _edges(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, str]]:
    """Yield (from, to, keys) for each line, as positions of steps; the end is one after the last step."""
    places = {step["as"]: at for at, step in enumerate(steps) if step.get("as")} | {END: len(steps)}
    for at, step in enumerate(steps):
        follows = at + 1
        leads: dict[int, list[str]] = {}
        for key, option in enumerate(step.get("options", ()), 1):
            leads.setdefault(places.get(option.get("to", ""), follows), []).append(str(key))
        if not leads:
            leads[places.get(step.get("go") or step.get("to") or "", follows)] = []
        one_way = len(leads) == 1
        for to, keys in leads.items():
            yield at, to, "" if one_way else ", ".join(keys)
        if "only_if" in step and follows not in leads:
            yield at, follows, ""


def _line(at: int, to: int, keys: str, lane: int) -> Line:
    start, end = at * STEP + TALL, to * STEP
    if to == at + 1:
        x = LEFT + WIDE // 2
        return Line(f"M{x} {start}V{end}", keys, start + GAP // 2 + 4, straight=True)
    right, out = LEFT + WIDE, LEFT + WIDE + 24 + 10 * lane
    top, bottom = at * STEP + TALL // 2, to * STEP + TALL // 2
    there, back = f"C{out} {top} {out} {top} {out} {top + 16}", f"C{out} {bottom} {out} {bottom} {right} {bottom}"
    return Line(f"M{right} {top}{there}V{bottom - 16}{back}", keys, top - 4, straight=False)
