"""What a person who asks, or a supporter, said of themselves: stored as one sealed text. Every part may be empty."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

PHONE, IN_PERSON = "phone", "person"
KINDS = ("woman", "man", "young", "older")  # with whom someone would be comfortable, or what a supporter is
INTERESTS_MOST = 3


@dataclass(frozen=True)
class Wishes:
    """What was said. Of a person `kinds` is whom they would be comfortable with, of a supporter what they are."""

    languages: tuple[str, ...] = ()
    area: int | None = None
    how: str = ""  # PHONE or IN_PERSON; "": either
    interests: tuple[str, ...] = ()  # numbers in the programme's list
    kinds: tuple[str, ...] = ()

    def stored(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self))


def read(stored: str) -> Wishes:
    """What was stored, whichever release stored it."""
    said = json.loads(stored)
    return Wishes(
        languages=tuple(said.get("languages", ())),
        area=said.get("area"),
        how=said.get("how", ""),
        interests=tuple(said.get("interests", ())),
        kinds=tuple(said.get("kinds", ())),
    )
