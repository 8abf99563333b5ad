"""`make drills`: every drill has a name and a description; by night all are run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.processes import ROOT
from drills.__main__ import DRILLS, ON_STAGE


def test_every_drill_says_what_it_is() -> None:
    assert all(drill.__doc__ for drill in ON_STAGE.values())
    listed = subprocess.run([sys.executable, "-m", "drills", "--list"], cwd=ROOT, capture_output=True, text=True)
    assert listed.stdout.split() == list(DRILLS)


@pytest.mark.by_night
@pytest.mark.xdist_group("processes")
@pytest.mark.parametrize("name", ON_STAGE)
def test_all_comes_back(name: str) -> None:
    assert subprocess.run([sys.executable, "-m", "drills", name], cwd=ROOT, timeout=600).returncode == 0
