"""Whatever leaders and members do, in whatever order, texts about dates are true when they leave, and the last one is.

`make nightly` runs the machine (`tests/meetings/machine`) for 30,000 steps.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.meetings.machine.members import Members

STEPS = int(os.environ.get("SMSGATE_NEWS_STEPS", "0"))  # set by the nightly run
DEPTH = 40 if STEPS else 25


def test_what_leaves_is_true_and_what_is_read_last_too(sqlite_template: Any, redis_url: str) -> None:
    Members.template, Members.redis_url, Members.steps = sqlite_template, redis_url, 0
    run_state_machine_as_test(
        Members,
        settings=settings(
            derandomize=not STEPS,
            max_examples=max(2, STEPS // DEPTH),
            stateful_step_count=DEPTH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if os.environ.get("SHRINK") else (Phase.generate,),
        ),
    )
