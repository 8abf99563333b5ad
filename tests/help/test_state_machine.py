"""Whatever members and responders do, in whatever order, help texts go only to people who agreed to get them.

The machine (`tests/help/machine`) has its own model: who agreed, paused or opted out, which requests and practices were
raised, sent again and cancelled, who answered what last, and each text that a worker handed over. It dials, texts and
rings, also on guarded phones, answers late, wrongly, in digits and in words, and erases members in between.
`make nightly` runs it for at least 100,000 steps; `test_planted_faults.py` shows what it finds.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.help.machine.phones import Phones
from tests.support import stores
from tests.support.state_machines import runs

STEPS = int(os.environ.get("SMSGATE_HELP_STEPS", "0"))  # set by the nightly run
PARTS = 4  # into which the nightly run is split, for as many processes


class Help(Phones):
    """The machine, on SQLite."""


class HelpOnPostgres(Phones):
    """The machine, on PostgreSQL."""


@pytest.mark.parametrize("part", range(PARTS if STEPS else 1))
def test_what_goes_over_the_wire_about_help_is_what_people_agreed_to(
    part: int, sqlite_template: Any, redis_url: str
) -> None:
    Help.template, Help.redis_url = sqlite_template, redis_url
    runs(Help, examples=2, steps=STEPS // PARTS)


@pytest.mark.by_night
def test_the_same_on_the_database_that_carries_the_service(reused_postgres: stores.Reused, redis_url: str) -> None:
    HelpOnPostgres.made_anew, HelpOnPostgres.redis_url = [reused_postgres.as_made], redis_url
    runs(HelpOnPostgres, examples=3, steps=STEPS // 4)
