"""Probes that check whether the stores accept writes and how much disk space is left, before the disk is full."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from smsgate.models import KeyCheck
from smsgate.service import Service

KEPT_SECONDS = 5.0  # anyone can ask: frequent requests must not keep the disk busy
LOW_BYTES, FULL_BYTES = 256 * 1024 * 1024, 1024 * 1024  # SQLite's log may still fit a small write on a full disk
KEY, KEY_SECONDS = "probe", 60


class Probes:
    """The probes of a service; the result of a database write is cached for KEPT_SECONDS."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: tuple[float, bool] | None = None

    def database_writes(self) -> bool:
        """Return whether the database can write to its disk; tried by writing a row unchanged."""
        if self._known is None or time.monotonic() - self._known[0] > KEPT_SECONDS:
            self._known = time.monotonic(), self._has_room() and self._wrote()
        return self._known[1]

    def redis_writes(self) -> bool:
        """Return whether Redis accepts writes; a ping would not show it, as a full Redis still answers one."""
        try:
            return bool(self._service.redis.set(KEY, 1, ex=KEY_SECONDS))
        except RedisError:
            return False

    def free_bytes(self) -> int | None:
        """Return the free bytes on the disk of the SQLite file; None for a database server, or if it cannot be read."""
        url = self._service.database.engine.url
        if url.get_backend_name() != "sqlite" or not url.database:
            return None
        try:
            return shutil.disk_usage(Path(url.database).resolve().parent).free
        except OSError:
            return None

    def disk(self) -> dict[str, int | bool] | None:
        """Return the free bytes and whether that is low, for `/ready`; None if unknown."""
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
