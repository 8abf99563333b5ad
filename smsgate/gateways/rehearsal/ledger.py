"""The ledger: what the rehearsal provider took, refused and posted, as JSON lines that are only appended to.

Numbers and words are recorded in clear, because all of them are invented; nothing real belongs in a rehearsal.
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
    """Appends lines. One write per line, so that lines of several threads never mix and none is half written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.start = path.stat().st_size  # earlier rehearsals are before it
        self._file = path.open("ab", buffering=0)

    def adds(self, event: str, **facts: object) -> None:
        """Record an event with the current time."""
        line = json.dumps({"at": time.time(), "event": event, **facts}, ensure_ascii=False, separators=(",", ":"))
        self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass
class Summary:
    """The counts of a ledger."""

    calls: Counter[str] = field(default_factory=Counter)  # by how they were answered
    asked: set[tuple[str, str]] = field(default_factory=set)  # (number, words): in a call, however it was answered
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)  # (number, words): how often it was accepted
    reported: Counter[str] = field(default_factory=Counter)  # message id: number of reports
    posted: Counter[tuple[str, int]] = field(default_factory=Counter)  # (hook, HTTP status; 0: no answer)
    first: dict[tuple[str, str], float] = field(default_factory=dict)  # (number, words): when it was first accepted
    ids: set[str] = field(default_factory=set)

    def adds(self, line: Mapping[str, Any]) -> None:
        """Count one line."""
        if line["event"] == "called":
            self.calls[line["answer"]] += 1
            self.asked.update((number, line["words"]) for number in line["to"])
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
        """Texts accepted, including copies."""
        return self.copies.total()

    @property
    def duplicated(self) -> int:
        """Texts accepted for a number beyond the first with the same words."""
        return self.copies.total() - len(self.copies)


def lines(path: Path, start: int = 0) -> Iterable[dict[str, Any]]:
    """Yield every complete line of a ledger, from byte `start` on."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def read(path: Path, start: int = 0) -> Summary:
    """Return the counts of a ledger, from byte `start` on."""
    summary = Summary()
    for line in lines(path, start):
        summary.adds(line)
    return summary
