"""The fallback account, credit and kill switches, with every process running, as an operator uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bench.processes import ROOT
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.scenarios import SCENARIOS
from smsgate.models import GatewayAccount, Lane, Message, MessageKind, MessageStatus
from tests.support.installation import (
    CLOCK,
    MEMBERS,
    RESPONDERS,
    Copies,
    Installation,
    copies_with,
    installed,
    notices,
    settings,
    taken,
    worker,
)
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("processes")
OPERATOR = "+254733999999"
COMMANDS = (*map(worker, Lane), CLOCK)
A_MINUTE = timedelta(minutes=1)  # until a balance is checked again


@dataclass
class AtWork:
    """An installation with two accounts; `env` is the environment of its commands."""

    made: Installation
    env: Mapping[str, str]
    first: Provider
    second: Provider

    def types(self, *words: str) -> str:
        """Run a command and return its output."""
        command = [sys.executable, "-m", "smsgate", *words]
        env = {**os.environ, **self.env}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout

    def needs_help(self, number: str, provider: Provider) -> None:
        """Send a help text, and wait until this account has sent it once to each responder."""
        words = self.made.needs_help(number)
        eventually(lambda: copies_with(taken(provider), words) == RESPONDERS)

    def time_passes(self) -> None:
        """Make everything that waits for a retry due now, so that the test needn't wait minutes."""
        made = self.made.service
        with made.database.transaction() as session:
            waiting = update(Message).where(Message.state == MessageStatus.WAITING).values(due_at=made.now())
            session.execute(waiting.execution_options(synchronize_session=False))
            session.execute(update(GatewayAccount).values(looked_at=made.now() - A_MINUTE))

    def waiting(self) -> int:
        """Return how many texts of notices are still waiting."""
        with self.made.service.database.reading() as session:
            mine = select(func.count()).where(
                Message.kind == MessageKind.NOTICE, Message.state == MessageStatus.WAITING
            )
            return session.scalar(mine) or 0


@pytest.fixture
def at_work(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[AtWork]:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(rehearsing(tmp_path / f"{name}.jsonl", "instant")) for name in ("first", "second")
        )
        more = {
            "AFRICASTALKING_FALLBACK_USERNAME": "second", "AFRICASTALKING_FALLBACK_API_KEY": "key",
            "AFRICASTALKING_FALLBACK_URL": second.url, "SMSGATE_OPERATOR_NUMBER": OPERATOR, "SMSGATE_RESERVE": "0",
            "SMSGATE_BATCH": "5",
        }  # fmt: skip
        env = settings(database_url, redis_url, first.url, **more)
        yield AtWork(stack.enter_context(installed(env, COMMANDS)), env, first, second)


def to_operator(copies: Copies) -> int:
    """Return how many texts the operator got."""
    return sum(count for (number, _words), count in copies.items() if number == OPERATOR)


@pytest.mark.by_night  # by day without processes: tests/outbox/test_credit.py
def test_the_second_account_carries_help_and_credit_comes_back(at_work: AtWork) -> None:
    helped, again, _third, *_ = at_work.made.words
    at_work.first.scenario = SCENARIOS["down"]
    at_work.needs_help(helped, at_work.second)

    at_work.first.becomes({"scenario": "instant", "balance": "8"})
    at_work.made.announces()
    eventually(lambda: to_operator(taken(at_work.second)) == 1)
    at_work.needs_help(again, at_work.second)
    paid = notices(taken(at_work.first)).total()
    assert 0 < paid < MEMBERS
    assert "short of credit" in at_work.types("check")

    at_work.first.balance = None
    at_work.time_passes()
    eventually(lambda: notices(taken(at_work.first)).total() == MEMBERS)
    assert "short of credit" not in at_work.types("check")
    assert not notices(taken(at_work.second))
    assert to_operator(taken(at_work.first) + taken(at_work.second)) == 1
    assert set((taken(at_work.first) + taken(at_work.second)).values()) == {1}


@pytest.mark.by_night  # by day without processes: tests/outbox/test_kill_switches.py
def test_nothing_but_help_leaves_while_the_switch_is_off(at_work: AtWork) -> None:
    helped, again, *_ = at_work.made.words
    at_work.types("pause")
    at_work.made.announces()
    at_work.needs_help(helped, at_work.first)
    assert at_work.waiting() == MEMBERS
    at_work.types("resume")
    eventually(lambda: notices(taken(at_work.first)).total() == MEMBERS)

    at_work.types("pause", "--group", "4521")
    at_work.made.announces()
    at_work.needs_help(again, at_work.first)
    assert notices(taken(at_work.first)).total() == MEMBERS
    at_work.types("resume", "--group", "4521")
    eventually(lambda: notices(taken(at_work.first)).total() == 2 * MEMBERS)
    assert set(notices(taken(at_work.first)).values()) == {2}  # two notices with the same words
