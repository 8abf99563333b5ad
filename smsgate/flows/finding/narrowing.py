"""Choosing one of many in few keys: from a list if it fits one screen, otherwise from ranges, then ranges of those."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from smsgate.core.gsm7 import transliterate
from smsgate.flows.steps import Choose

ROOM = 138  # characters of the smallest screen, without its ways out in the longest language
MOST_RANGES = ONE_DIGIT = 9
BETWEEN = "-"  # before the number of a range, to tell it from the meaning of a label
SPARE = 2  # characters of an option besides its number and label: the new line and the space

RangeLabel = Callable[[Sequence[str], int, int], str]  # takes all keys, and the first and last index of a range


def pick(
    name: str, question: str, labels: Mapping[str, str], range_label: RangeLabel | None = None,
    first: Sequence[str] = (),
) -> Generator[Choose, Any, str]:  # fmt: skip
    """Ask for one of `labels`, which has at least one, in as few questions as screens allow; return its key.

    If one screen does not hold them all, those in `first` are on the first one, before the ranges of the others.
    """
    keys, level = [key for key in labels if key not in first], 0
    say = range_label or initials(labels)
    alone = {key: labels[key] for key in first}
    while not fits_one_screen(question, [*alone.values(), *(labels[key] for key in keys)]):
        ranges = _ranges(question, keys, say, list(alone.values()))
        if len(ranges) < 2:
            break
        options = {f"{BETWEEN}{place}": label for place, (label, _part) in enumerate(ranges, start=1)}
        chosen: str = yield Choose(f"{name}_{level}", question, {**alone, **options})
        if chosen in alone:
            return chosen
        keys, level, alone = ranges[int(chosen.removeprefix(BETWEEN)) - 1][1], level + 1, {}
    if level and len(keys) == 1:
        return keys[0]
    shown = [key for key in labels if key in keys or key in alone]
    picked: str = yield Choose(name, question, {key: labels[key] for key in shown})
    return picked


def fits_one_screen(question: str, labels: Sequence[str]) -> bool:
    """Return whether these options fit on one screen below the question, each with a key of one digit."""
    lines = [len(transliterate(label)) + len(str(place)) + SPARE for place, label in enumerate(labels, start=1)]
    return len(labels) <= ONE_DIGIT and len(question) + sum(lines) <= ROOM


def _ranges(question: str, keys: list[str], say: RangeLabel, alone: list[str]) -> list[tuple[str, list[str]]]:
    """Return as many ranges of about the same size as fit on one screen with `alone`, each with its label."""
    for count in range(min(MOST_RANGES, len(keys)), 1, -1):
        edges = [len(keys) * part // count for part in range(count + 1)]
        spans = list(pairwise(edges))
        labels = [say(keys, start, end - 1) for start, end in spans]
        if fits_one_screen(question, [*alone, *labels]):
            return [(label, keys[start:end]) for label, (start, end) in zip(labels, spans, strict=True)]
    return []


def initials(labels: Mapping[str, str]) -> RangeLabel:
    """Label a range by how its first and last name begin, with as many letters as tell it from its neighbours.

    A range of one is labelled with its name.
    """

    def say(keys: Sequence[str], first: int, last: int) -> str:
        names = [labels[key] for key in keys]
        if first == last:
            return names[first]
        start = _beginning(names[first], names[first - 1] if first else "")
        end = _beginning(names[last], names[last + 1] if last + 1 < len(names) else "")
        return start if start == end else f"{start} - {end}"

    return say


def _beginning(name: str, other: str) -> str:
    """Return the shortest beginning of a name, of three letters or more, that the other name does not share."""
    length = 3
    while length < len(name) and other.casefold().startswith(name[:length].casefold()):
        length += 1
    return name[:length].strip()
