"""Reads `PEER hello`, by which someone writes to the other person in a match; `PEER` alone opens the dialogue."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from smsgate.flows.typed.letters import fold, words_of

PEER = frozenset({"peer", "mwenzi", "binome"})  # in English, Kiswahili and French
END = frozenset({"end", "maliza", "fin"})
REPORT = frozenset({"report", "ripoti", "signaler"})
_FIRST = re.compile(r"\w+[^\w\s]*(?:\s+|$)")
_NUMBER = re.compile(r"(\d)\b[ .,:]*")


@dataclass(frozen=True)
class PeerText:
    """Words to the other; `number` says to which of a supporter's people, 0 if not given."""

    words: str = field(repr=False)
    number: int = 0
    whole: str = field(default="", repr=False)  # with the number, which may belong to the words

    @property
    def ends(self) -> bool:
        """True if it ends the match and says nothing else."""
        return fold(self.words).strip(" .!") in END

    @property
    def reports(self) -> bool:
        """True if it ends the match and asks a coordinator to call."""
        return fold(self.words).strip(" .!") in REPORT


def read_peer(text: str) -> PeerText | None:
    """Return what a text says to the other person in a match; None if it does not open with the keyword."""
    opening = words_of(fold(text))[:1]
    if not opening or opening[0] not in PEER:
        return None
    first = _FIRST.search(text)
    words = text[first.end() :].strip() if first else ""
    numbered = _NUMBER.match(words)
    if numbered and words[numbered.end() :]:
        return PeerText(words[numbered.end() :], int(numbered[1]), words)
    return PeerText(words, whole=words)
