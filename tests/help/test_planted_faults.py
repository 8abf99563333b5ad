"""The state machine of help requests is worth its cost: it finds each of these faults, planted in the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.help.machine.faults import FAULTS
from tests.help.machine.phones import Phones
from tests.support.state_machines import runs

EXAMPLES = 60  # at most; most faults are found in the first ten


class Planted(Phones):
    """The machine, on SQLite."""


@pytest.mark.by_night  # by day: the machine itself, without a fault
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(
    name: str, sqlite_template: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Planted.template, Planted.redis_url = sqlite_template, redis_url
    FAULTS[name](monkeypatch)
    with pytest.raises(AssertionError):
        runs(Planted, examples=EXAMPLES)
