"""Keeps tests' files in memory if there is room: SQLite waits for the disk at each of some 20,000 commits of a run."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # bytes
FOLDERS = "PYTEST_DEBUG_TEMPROOT"  # where pytest creates `tmp_path`


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Set the temporary folder for this process and those that it starts, unless someone chose one."""
    if FOLDERS in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    os.environ[FOLDERS] = tempfile.tempdir = str(MEMORY)
