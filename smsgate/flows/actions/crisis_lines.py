"""The action that looks up crisis lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypedDict

from smsgate.flows.steps import Action


class LineSeen(TypedDict):
    """A crisis line; `hours` is "" if nobody knows them."""

    name: str
    number: str
    hours: str


LONGEST_LINE: LineSeen = {
    "name": "Befrienders, someone to talk 2",
    "number": "+254711000001*123456",
    "hours": "Mon-Sat 08:00-20:00 free",
}


@dataclass(frozen=True)
class LinesHere(Action):
    """List the crisis lines of the country of the caller's number, in a language. Result: list of LineSeen."""

    language: str
    samples: ClassVar = ([], [{**LONGEST_LINE, "hours": ""}], [LONGEST_LINE] * 8)
