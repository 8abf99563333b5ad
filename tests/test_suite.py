"""What the test suite needs from its own tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUPED = """
import pytest
@pytest.mark.xdist_group("{group}")
@pytest.mark.parametrize("n", range(6))
def test_one(n, worker_id):
    with open("{group}", "a") as book:
        print(worker_id, file=book)
"""


def test_tests_of_a_group_share_a_worker_and_two_groups_have_two(tmp_path: Path) -> None:
    for group in ("processes", "browsers"):
        (tmp_path / f"test_{group}.py").write_text(GROUPED.format(group=group))
    words = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "tests.support.worker_groups", "."]
    env = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "12 passed" in done.stdout, done.stdout + done.stderr
    workers = [set((tmp_path / group).read_text().split()) for group in ("processes", "browsers")]
    assert [len(one) for one in workers] == [1, 1]
    assert workers[0] != workers[1]
