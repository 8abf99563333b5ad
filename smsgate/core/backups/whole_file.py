"""Writes a file that appears under its name only once it is whole, and removes what killed processes left of others."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smsgate.core.backups.encrypted_file import BackupError

# What file systems without hard links say, such as those of memory sticks.
NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


@contextmanager
def appears_whole(path: Path) -> Iterator[Path]:
    """Yield the path of a partial file, which gets its real name at the end, or is removed if anything fails.

    It is locked for as long as its process lives. Raises BackupError if another one is writing it, or wrote `path`.
    """
    partial = partial_of(path)
    if partial.exists() and not remove_if_dead(partial):
        raise BackupError(f"Another backup is being written to {path}.")
    try:
        with _locked(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)):
            try:
                yield partial
                _give_name(partial, path)
                _sync_folder(path.parent)
            finally:
                partial.unlink(missing_ok=True)
    except FileExistsError:
        raise BackupError(f"{path} exists already. Choose another name, or a folder with --keep.") from None


def partial_of(path: Path) -> Path:
    """Return the path under which a file is written."""
    return path.with_name(f".{path.name}.partial")


def remove_if_dead(partial: Path) -> bool:
    """Remove a partial file that no living process writes; return whether it was removed. Raises OSError."""
    try:
        with _locked(os.open(partial, os.O_RDWR)):
            partial.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Lock and in the end close a file. Raises BlockingIOError if another process has locked it."""
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:  # the file system knows no locks
            pass
        yield
    finally:
        os.close(descriptor)


def _give_name(partial: Path, path: Path) -> None:
    """Give a file its real name. Raises FileExistsError if someone created one meanwhile."""
    try:
        os.link(partial, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        partial.rename(path)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
