"""The ledger: what the rehearsal provider took, refused and posted, as JSON lines that are only ever added to.

Numbers and words stand in it as they are, because every one of them is made up; nothing real belongs in a rehearsal.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Ledger:
    """Adds lines. One write for a line, so that lines of several threads never mix and none is half kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.start = path.stat().st_size  # earlier rehearsals stand before it
        self._file = path.open("ab", buffering=0)

    def adds(self, event: str, **facts: object) -> None:
        """Keep what happened, and when."""
        line = json.dumps({"at": time.time(), "event": event, **facts}, ensure_ascii=False, separators=(",", ":"))
        self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """No more lines."""
        self._file.close()


@dataclass
class Summary:
    """What a ledger says, counted."""

    calls: Counter[str] = field(default_factory=Counter)  # by how they were answered
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)  # (number, words): how often it was taken
    reported: Counter[str] = field(default_factory=Counter)  # a message's id: how often something was said about it
    posted: Counter[tuple[str, int]] = field(default_factory=Counter)  # (hook, HTTP status; 0: no answer)
    first: dict[tuple[str, str], float] = field(default_factory=dict)  # (number, words): when it was first taken
    ids: set[str] = field(default_factory=set)

    def adds(self, line: Mapping[str, Any]) -> None:
        """Count one line."""
        if line["event"] == "called":
            self.calls[line["answer"]] += 1
        elif line["event"] == "accepted":
            self.ids.update(line["to"].values())
            for number in line["to"]:
                self.copies[number, line["words"]] += 1
                self.first.setdefault((number, line["words"]), line["at"])
        elif line["event"] == "posted":
            self.posted[line["hook"], line["status"]] += 1
            if line["hook"] == "delivery":
                self.reported[line["id"]] += 1

    @property
    def accepted(self) -> int:
        """Texts that were taken, copies counted."""
        return self.copies.total()

    @property
    def duplicated(self) -> int:
        """Texts beyond the first that were taken for one number with the same words."""
        return self.copies.total() - len(self.copies)


def lines(path: Path, start: int = 0) -> Iterable[dict[str, Any]]:
    """Every whole line of a ledger, from a place in the file on."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def read(path: Path, start: int = 0) -> Summary:
    """A ledger, counted, from a place in the file on."""
    summary = Summary()
    for line in lines(path, start):
        summary.adds(line)
    return summary
