"""Files that the service creates can be read only by their owner."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bench.processes import ROOT
from tests.support.stores import KEY


@pytest.mark.by_night
def test_a_new_database_is_for_its_owner_only(tmp_path: Path) -> None:
    env = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite'}", "REDIS_URL": "redis://127.0.0.1:1", "SMSGATE_KEYS": KEY,
        "SMSGATE_HOOK_TOKENS": "t" * 16, "SMSGATE_GATEWAY": "simulator", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = ["sh", "-c", 'umask 022; exec "$0" -m smsgate migrate', sys.executable]
    subprocess.run(command, env={**os.environ, **env}, check=True, cwd=tmp_path)
    assert [path for path in tmp_path.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert (tmp_path / "new.sqlite").exists()
