"""Running the machine for so many examples or steps."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.help.machine.workers import Workers

DEPTH = 60
PHASES = (Phase.generate,)  # shrinking may take minutes; the seed suffices


def runs(machine: type[Workers], *, examples: int, steps: int = 0) -> None:
    """So many steps, by chance; or so many examples, the same each time."""
    Workers.steps = 0
    while not Workers.steps or Workers.steps < steps:
        run_state_machine_as_test(
            machine,
            settings=settings(
                derandomize=not steps,
                max_examples=max(steps // 50, examples),
                stateful_step_count=DEPTH,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
                phases=PHASES,
            ),
        )
    print(f"{Workers.steps} steps")
