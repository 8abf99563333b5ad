"""What tests write goes to memory where there is room: an SQLite commit waits for the disk, some 20,000 times a run."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # bytes
FOLDERS = "PYTEST_DEBUG_TEMPROOT"  # where pytest makes `tmp_path`


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """For this process and those that it starts, unless someone chose a folder."""
    if FOLDERS in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    os.environ[FOLDERS] = tempfile.tempdir = str(MEMORY)
