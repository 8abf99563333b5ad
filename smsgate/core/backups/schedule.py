"""Names the backups in a folder, and deletes all but the newest."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from smsgate.core.backups.whole_file import partial_of, remove_if_dead

NAME = re.compile(r"smsgate-\d{8}T\d{6}Z\.backup")


def name_at(now: datetime) -> str:
    """Return the file name of a backup made at this time, in UTC; the names sort by time."""
    return f"smsgate-{now:%Y%m%dT%H%M%SZ}.backup"


def forget_dead(folder: Path) -> None:
    """Delete what backups that were killed left in a folder, so that it does not fill the disk."""
    for path in folder.glob(partial_of(Path("*")).name):
        if NAME.fullmatch(path.name.removeprefix(".").removesuffix(".partial")):
            with suppress(OSError):  # another user's, say
                remove_if_dead(path)


def forget_older(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups in a folder, and no other file; return the deleted ones."""
    made = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    for path in made[:-keep]:
        path.unlink()
    return made[:-keep]
