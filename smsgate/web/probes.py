"""Whether the stores still accept writes, and how much room is left: a disk is reported before it is full, too."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from smsgate.models import KeyCheck
from smsgate.service import Service

KEPT_SECONDS = 5.0  # a stranger who asks often makes no disk busy
LOW_BYTES, FULL_BYTES = 256 * 1024 * 1024, 1024 * 1024  # SQLite's log may have room for a little on a full disk
KEY, KEY_SECONDS = "probe", 60


class Probes:
    """The probes of a service; an answer is cached for some seconds."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: tuple[float, bool] | None = None

    def database_writes(self) -> bool:
        """True if the database takes what is written, to its disk: a row is written as it was."""
        if self._known is None or time.monotonic() - self._known[0] > KEPT_SECONDS:
            self._known = time.monotonic(), self._has_room() and self._wrote()
        return self._known[1]

    def redis_writes(self) -> bool:
        """True if Redis is there and takes what is written: one that is full still answers a ping."""
        try:
            return bool(self._service.redis.set(KEY, 1, ex=KEY_SECONDS))
        except RedisError:
            return False

    def free_bytes(self) -> int | None:
        """Returns the free space on the disk of the database's file; None if a server holds it."""
        url = self._service.database.engine.url
        if url.get_backend_name() != "sqlite" or not url.database:
            return None
        try:
            return shutil.disk_usage(Path(url.database).resolve().parent).free
        except OSError:
            return None

    def disk(self) -> dict[str, int | bool] | None:
        """Returns the same for people, with a word on whether it is little."""
        free = self.free_bytes()
        return None if free is None else {"free_bytes": free, "low": free < LOW_BYTES}

    def _has_room(self) -> bool:
        free = self.free_bytes()
        return free is None or free > FULL_BYTES

    def _wrote(self) -> bool:
        try:
            with self._service.database.transaction() as session:
                session.execute(update(KeyCheck).values(proof=KeyCheck.proof))
        except SQLAlchemyError:
            return False
        return True
