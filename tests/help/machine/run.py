"""Running the machine for a number of examples or steps."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.help.machine.workers import Workers

DEPTH = 60
PHASES = (Phase.generate,)  # shrinking may take minutes; the seed is enough


def runs(machine: type[Workers], *, examples: int, steps: int = 0) -> None:
    """Run the machine for at least `steps` random steps, or for `examples` that are the same each time."""
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
