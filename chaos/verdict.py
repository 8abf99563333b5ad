"""The verdict on a run: each promise as a figure from the ledger and the outbox, and whether it was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from chaos.watch import Row
from smsgate.gateways.rehearsal.ledger import Summary
from smsgate.models import MessageKind, MessageStatus

LEFT = (MessageStatus.SENT, MessageStatus.DELIVERED)  # the service claims that the provider has it
TAKEN_UP_WITHIN, DRAINED_WITHIN, COPIES_OF_HELP = 30.0, 300.0, 2


class Promise(NamedTuple):
    """One line of the verdict."""

    what: str
    figure: float
    kept: bool


class Outcome(NamedTuple):
    """What a run leaves behind, for the verdict."""

    audience: int  # recipients of the notice
    rows: Sequence[Row]
    ledger: Summary
    told: Sequence[str]  # numbers whose screen said that the help text is being sent
    gave_up: Sequence[str]
    words: dict[str, str]  # by number: what their help text says
    stuck: float  # seconds, as in Watch
    drained: float  # seconds from the last fault until no message was open
    batch: int  # the most recipients of a call


def promises(seen: Outcome) -> list[Promise]:
    """Return every promise with its figure."""
    notices = [row for row in seen.rows if row.kind is MessageKind.NOTICE]
    duplicates = sum(seen.ledger.copies[row.number, row.words] > 1 for row in notices)
    help_texts = Counter((row.number, row.words) for row in seen.rows if row.kind is MessageKind.HELP)
    uncalled = _unknown_without_a_call(seen)
    copies = [seen.ledger.copies[key] / rows for key, rows in help_texts.items()]
    return [
        Promise("notices without a row", seen.audience - len(notices), len(notices) == seen.audience),
        _expect_none("said to have left, and not in the ledger", _missing_from_ledger(seen)),
        _expect_none("neither ended nor listed as unknown", sum(row.is_open for row in seen.rows)),
        _expect_none("notices sent twice", duplicates),
        Promise("copies of a help text, at most", max(copies, default=0), max(copies, default=0) <= COPIES_OF_HELP),
        _expect_none("help texts that never left", sum(not count for count in copies)),
        # A process may be killed between recording a call and making it, but hardly twice in a run.
        Promise("unknown, and in no call, at most one call's", uncalled, uncalled <= seen.batch),
        _expect_none("callers told so whose help text is not there", _told_without_help_text(seen)),
        _expect_none("callers who gave up", len(seen.gave_up)),
        Promise("a claim without a sign of life, at most, s", round(seen.stuck, 1), seen.stuck <= TAKEN_UP_WITHIN),
        Promise("backlog drained after the last fault, s", round(seen.drained, 1), seen.drained <= DRAINED_WITHIN),
    ]


def _expect_none(what: str, count: int) -> Promise:
    return Promise(what, count, count == 0)


def _missing_from_ledger(seen: Outcome) -> int:
    return sum(row.state in LEFT and not seen.ledger.copies[row.number, row.words] for row in seen.rows)


def _unknown_without_a_call(seen: Outcome) -> int:
    return sum(
        row.state is MessageStatus.UNKNOWN and (row.number, row.words) not in seen.ledger.asked for row in seen.rows
    )


def _told_without_help_text(seen: Outcome) -> int:
    help_words = [row.words for row in seen.rows if row.kind is MessageKind.HELP]
    return sum(not any(seen.words[number] in words for words in help_words) for number in seen.told)


def offenders(seen: Outcome) -> list[Row]:
    """Return the messages behind a broken promise: unfinished ones, and help texts that never reached the provider."""
    silent = [
        row for row in seen.rows if row.kind is MessageKind.HELP and not seen.ledger.copies[row.number, row.words]
    ]
    return [row for row in seen.rows if row.is_open] + silent


def states(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return the number of messages by kind and status."""
    counts_by_kind: dict[str, Counter[str]] = {}
    for row in rows:
        counts_by_kind.setdefault(row.kind, Counter())[row.state] += 1
    return {kind: dict(sorted(counts.items())) for kind, counts in sorted(counts_by_kind.items())}


def unknown(seen: Outcome) -> tuple[int, int]:
    """Return how many messages have status unknown, and how many of those the provider accepted after all."""
    unknown_rows = [row for row in seen.rows if row.state is MessageStatus.UNKNOWN]
    return len(unknown_rows), sum(bool(seen.ledger.copies[row.number, row.words]) for row in unknown_rows)
