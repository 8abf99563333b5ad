"""Where each text stands: the stops of the menu that show it, so that new words need to be tried only there.

A walk of all callers passes some 50,000 stops, which takes seconds, and most show what another one shows. One walk,
with a mark before each text, finds for every text the few stops that differ.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock, Thread
from typing import Any

from smsgate.core.i18n import SOURCE, speaking
from smsgate.flows.checks import callers, walker
from smsgate.flows.engine import Answer
from smsgate.flows.menu import menu

SMALLEST = 160  # characters of the smallest screen: there long texts turn pages, whose words are read too
MARK = re.compile("§([0-9]+)§")  # of the phones' alphabet, since laying out other signs takes ten times as long
_WALKING = Lock()
LANGUAGE = "language"  # the question in whose answer two languages' walks differ


@dataclass(frozen=True)
class Shown:
    """A stop: the kind of caller, a name of `callers.CALLERS`, and all that was answered before it."""

    who: str
    answers: tuple[Answer, ...]

    def visit(self, language: str, limit: int) -> walker.Visit:
        """What the caller reads there, in a language, on screens of `limit` characters."""
        answers = [
            Answer(one.name, language, one.kept) if (one.name, one.value) == (LANGUAGE, SOURCE) else one
            for one in self.answers
        ]
        return walker.revisit(menu, callers.CALLERS[self.who], language, limit, answers)


class _Marks(dict[tuple[str, str], tuple[str, ...]]):
    """A wording that puts a mark of its own before each text."""

    def __init__(self) -> None:
        self._marked: dict[str, tuple[str, ...]] = {}

    def get(self, key: tuple[str, str], default: Any = None) -> Any:  # noqa: ANN401 - the signature of dict.get
        text = key[1]
        if text not in self._marked:
            marked = f"§{len(self._marked)}§{text}"
            self._marked[text] = (marked, marked)  # the plural form is not known here, nor needed
        return self._marked[text]

    def texts_in(self, said: str) -> set[str]:
        """The texts whose marks stand in what was said."""
        texts = list(self._marked)
        return {texts[int(number)] for number in MARK.findall(said)}


@cache
def prepare() -> None:
    """Have the first call of `stops_showing` made beside whatever else is done, for somebody who begins to write."""
    Thread(target=stops_showing, daemon=True, name="shown texts").start()


def stops_showing() -> Mapping[str, tuple[Shown, ...]]:
    """For each source text, the stops that show it, no two of them alike. Takes seconds at the first call."""
    with _WALKING:
        return _walked()


@cache
def _walked() -> Mapping[str, tuple[Shown, ...]]:
    found: dict[str, list[Shown]] = defaultdict(list)
    marks, known = _Marks(), set[tuple[str, ...]]()
    with speaking(SOURCE, marks):
        for who, caller in callers.CALLERS.items():
            for seen in walker.walk(menu, caller, SOURCE, SMALLEST):
                said = tuple(page.text for page in seen.pages)
                if said not in known:
                    known.add(said)
                    for text in marks.texts_in("".join(said)):
                        found[text].append(Shown(who, tuple(seen.stop.answers)))
    return {text: tuple(stops) for text, stops in found.items()}
