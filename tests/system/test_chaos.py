"""A short run of `make chaos` loses nothing and sends nothing twice, and its verdict notices broken promises."""

from __future__ import annotations

from typing import Any

import pytest

from chaos import __main__
from chaos.plan import SHORT, WHOLE, faults
from chaos.run import run
from chaos.verdict import Outcome, promises
from chaos.watch import Row
from smsgate.gateways.rehearsal.ledger import Summary
from smsgate.models import MessageKind, MessageStatus

AMINA, JUMA = "+254711000001", "+254711000002"


@pytest.mark.by_night  # by day: tests/workers/test_fail_points.py, where workers die at one point at a time
@pytest.mark.xdist_group("processes")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_promise_is_kept_while_everything_dies(kind: str) -> None:
    ended = run(kind, SHORT, seed=1)
    assert ended.done["kill"] == SHORT.kills
    assert ended.done["valkey"] == ended.done["flush"] == 1
    assert ended.done["postgres"] == (kind == "postgresql")
    assert sum(ended.outcome.ledger.calls.values()) > 0
    assert not [one for one in promises(ended.outcome) if not one.kept]


@pytest.mark.parametrize(("words", "kinds"), [([], ["sqlite", "postgresql"]), (["--on", "postgresql"], ["postgresql"])])
def test_the_command_runs_on_both_databases_or_on_one(
    words: list[str], kinds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(__main__, "run", lambda kind, *_size: ran.append(kind))
    monkeypatch.setattr(__main__, "shown", lambda _ended: True)
    monkeypatch.setattr("sys.argv", ["chaos", *words])
    assert __main__.main() == 0
    assert ran == kinds


def test_the_whole_run_does_what_the_issue_asks_for() -> None:
    processes = ["web", "bulk 0", "scheduler 0"]
    planned = faults(WHOLE, 1, processes, postgres=True)
    kinds = [fault.kind for fault in planned]
    assert kinds.count("kill") >= 100
    assert [kinds.count(kind) for kind in ("valkey", "flush", "postgres")] == [3, 1, 5]
    assert {fault.what for fault in planned if fault.kind == "kill"} == set(processes)
    assert planned == faults(WHOLE, 1, processes, postgres=True)
    assert planned != faults(WHOLE, 2, processes, postgres=True)
    assert (WHOLE.members, WHOLE.help_texts) == (10_000, 50)


def seen(
    *,
    state: MessageStatus = MessageStatus.SENT,
    help_state: MessageStatus = MessageStatus.SENT,
    copies: int = 1,
    help_copies: int = 2,
    called: bool = True,
    **changes: Any,
) -> Outcome:
    """Return the outcome of a run that kept every promise, unless told otherwise."""
    notice = Row(1, MessageKind.NOTICE, state, AMINA, "We meet", None, 1)
    asked = Row(2, MessageKind.HELP, help_state, JUMA, "From Amina: please call", None, 1)
    book = Summary()
    book.asked.update([(JUMA, "From Amina: please call"), (AMINA, "We meet")][: 1 + called])
    book.copies.update({(AMINA, "We meet"): copies, (JUMA, "From Amina: please call"): help_copies})
    values: dict[str, Any] = {
        "audience": 1, "rows": [notice, asked], "ledger": book, "told": [AMINA], "gave_up": [],
        "words": {AMINA: "please call"}, "stuck": 29.0, "drained": 299.0, "batch": 0,
    }  # fmt: skip
    return Outcome(**{**values, **changes})


def broken(outcome: Outcome) -> list[str]:
    return [one.what for one in promises(outcome) if not one.kept]


def test_a_run_that_kept_every_promise() -> None:
    assert broken(seen()) == []
    assert broken(seen(state=MessageStatus.UNKNOWN, copies=0)) == []  # listed as unknown, which is allowed


@pytest.mark.parametrize(
    ("outcome", "promise"),
    [
        (seen(audience=2), "notices without a row"),
        (seen(copies=0), "said to have left, and not in the ledger"),
        (seen(state=MessageStatus.WAITING, copies=0), "neither ended nor listed as unknown"),
        (seen(state=MessageStatus.SENDING), "neither ended nor listed as unknown"),
        (seen(copies=2), "notices sent twice"),
        (seen(help_copies=3), "copies of a help text, at most"),
        (seen(help_state=MessageStatus.UNKNOWN, help_copies=0), "help texts that never left"),
        (seen(state=MessageStatus.UNKNOWN, copies=0, called=False), "unknown, and in no call, at most one call's"),
        (seen(words={AMINA: "others"}), "callers told so whose help text is not there"),
        (seen(gave_up=[JUMA]), "callers who gave up"),
        (seen(stuck=31.0), "a claim without a sign of life, at most, s"),
        (seen(drained=301.0), "backlog drained after the last fault, s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_judge_sees_a_broken_promise(outcome: Outcome, promise: str) -> None:
    assert broken(outcome) == [promise]
