"""Whatever leaders and members do, in whatever order, texts about dates are true when they leave, and the last one is.

`make nightly` runs the machine (`tests/meetings/machine`) for 30,000 steps.
"""

from __future__ import annotations

import os
from typing import Any

from tests.meetings.machine.members import Members
from tests.support.state_machines import runs

STEPS = int(os.environ.get("SMSGATE_NEWS_STEPS", "0"))  # set by the nightly run


def test_what_leaves_is_true_and_what_is_read_last_too(sqlite_template: Any, redis_url: str) -> None:
    Members.template, Members.redis_url = sqlite_template, redis_url
    runs(Members, examples=2, steps=STEPS, depth=40 if STEPS else 25)
