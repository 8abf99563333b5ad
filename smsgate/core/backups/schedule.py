"""Backups in a folder, of which so many are kept."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

NAME = re.compile(r"smsgate-\d{8}T\d{6}Z\.backup")


def name_at(now: datetime) -> str:
    """Returns the name of a backup made at this time, in UTC: in order of time when sorted."""
    return f"smsgate-{now:%Y%m%dT%H%M%SZ}.backup"


def forget_older(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of a folder, and nothing else that is in it; returns which."""
    made = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    for path in made[:-keep]:
        path.unlink()
    return made[:-keep]
