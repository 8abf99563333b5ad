"""What a seeker or supporter said about themselves, stored as one sealed text. Every part may be empty."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from smsgate.core.reading.gaps import Unread

PHONE, IN_PERSON = "phone", "person"


@dataclass(frozen=True)
class Wishes:
    """What someone said; `kinds` is whom a person would be comfortable with, or what a supporter is."""

    languages: tuple[str, ...] = ()
    area: int | None = None
    how: str = ""  # PHONE or IN_PERSON; "": either
    interests: tuple[str, ...] = ()  # numbers in the programme's list
    kinds: tuple[str, ...] = ()

    def stored(self) -> str:
        """Return the JSON that is sealed."""
        return json.dumps(asdict(self))


def read(stored: str) -> Wishes:
    """Return what was stored, by this or an earlier release; no wishes for what can't be read."""
    if isinstance(stored, Unread):
        return Wishes()
    said = json.loads(stored)
    return Wishes(
        languages=tuple(said.get("languages", ())),
        area=said.get("area"),
        how=said.get("how", ""),
        interests=tuple(said.get("interests", ())),
        kinds=tuple(said.get("kinds", ())),
    )
