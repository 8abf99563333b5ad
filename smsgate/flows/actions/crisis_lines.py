"""Numbers to call, as a flow asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypedDict

from smsgate.flows.steps import Action


class LineSeen(TypedDict):
    """A number to call; `hours` "" where nobody knows them."""

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
    """The numbers of the country that gave out the caller's own, in a language: list of LineSeen."""

    language: str
    samples: ClassVar = ([], [{**LONGEST_LINE, "hours": ""}], [LONGEST_LINE] * 8)
