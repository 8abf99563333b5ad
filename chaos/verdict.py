"""What the ledger and the outbox say together. Every promise is a figure, and whether it was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from chaos.watch import Row
from smsgate.gateways.rehearsal.ledger import Summary
from smsgate.models import MessageKind, MessageStatus

LEFT = (MessageStatus.SENT, MessageStatus.DELIVERED)  # the service says that the provider has it
TAKEN_UP_WITHIN, DRAINED_WITHIN, COPIES_OF_HELP = 30.0, 300.0, 2


class Promise(NamedTuple):
    """One line of the verdict."""

    what: str
    figure: float
    kept: bool


class Outcome(NamedTuple):
    """What a run leaves behind."""

    audience: int  # to how many the notice was to go
    rows: Sequence[Row]
    ledger: Summary
    told: Sequence[str]  # numbers whose screen said that the help text is on its way
    gave_up: Sequence[str]
    words: dict[str, str]  # what a help text of theirs says
    stuck: float  # seconds
    drained: float  # seconds


def promises(seen: Outcome) -> list[Promise]:
    """All of them."""
    notices = [row for row in seen.rows if row.kind is MessageKind.NOTICE]
    doubled = sum(seen.ledger.copies[row.number, row.words] > 1 for row in notices)
    helps = Counter((row.number, row.words) for row in seen.rows if row.kind is MessageKind.HELP)
    copies = [seen.ledger.copies[key] / rows for key, rows in helps.items()]
    return [
        Promise("notices without a row", seen.audience - len(notices), len(notices) == seen.audience),
        _none("said to have left, and not in the ledger", _vanished(seen)),
        _none("neither ended nor listed as unknown", sum(row.is_open for row in seen.rows)),
        _none("notices sent twice", doubled),
        Promise("copies of a help text, at most", max(copies, default=0), max(copies, default=0) <= COPIES_OF_HELP),
        _none("help texts that never left", sum(not one for one in copies)),
        _none("callers told so whose help text is not there", _unheard(seen)),
        _none("callers who gave up", len(seen.gave_up)),
        Promise("a claim without a sign of life, at most, s", round(seen.stuck, 1), seen.stuck <= TAKEN_UP_WITHIN),
        Promise("backlog drained after the last fault, s", round(seen.drained, 1), seen.drained <= DRAINED_WITHIN),
    ]


def _none(what: str, count: int) -> Promise:
    return Promise(what, count, count == 0)


def _vanished(seen: Outcome) -> int:
    return sum(row.state in LEFT and not seen.ledger.copies[row.number, row.words] for row in seen.rows)


def _unheard(seen: Outcome) -> int:
    said = [row.words for row in seen.rows if row.kind is MessageKind.HELP]
    return sum(not any(seen.words[number] in words for words in said) for number in seen.told)


def offenders(seen: Outcome) -> list[Row]:
    """The messages behind a broken promise, to be looked for in the database: open ones and help that never left."""
    silent = [
        row for row in seen.rows if row.kind is MessageKind.HELP and not seen.ledger.copies[row.number, row.words]
    ]
    return [row for row in seen.rows if row.is_open] + silent


def states(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many of each kind stand where."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.kind, Counter())[row.state] += 1
    return {kind: dict(sorted(counts.items())) for kind, counts in sorted(found.items())}


def unknown(seen: Outcome) -> tuple[int, int]:
    """How many are listed as unknown, and how many of these the provider took after all."""
    held = [row for row in seen.rows if row.state is MessageStatus.UNKNOWN]
    return len(held), sum(bool(seen.ledger.copies[row.number, row.words]) for row in held)
