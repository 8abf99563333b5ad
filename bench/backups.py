"""How long it takes to back up 100,000 members, to restore them on either database, and to move them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench import house
from bench.processes import free_port
from smsgate.core.backups import backup
from smsgate.core.backups.move import move
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.models import Base
from tests.support import stores

MEMBERS = 100_000
KEY = bytes(32)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something took."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s")


@contextmanager
def new_database(kind: str, folder: Path, server: str) -> Iterator[Database]:
    """Yield an empty database without tables."""
    with ExitStack() as stack:
        sqlite = f"sqlite:///{folder / 'restored.sqlite'}"
        url = sqlite if kind == "sqlite" else stack.enter_context(stores.fresh_postgres(server, template="template1"))
        database = Database(url, Keyring([stores.KEY]))
        yield database
        database.engine.dispose()


def measure() -> None:
    """Back up, restore and move 100,000 members, a tenth of them with a help text, and a notice to all."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smsgate-bench-")))
        env = stack.enter_context(house.house("sqlite", free_port(), free_port()))
        server = stack.enter_context(stores.postgres())
        service = stack.enter_context(house.wired(env))
        house.add_members(service, MEMBERS)
        house.prepare_help(service, 0, MEMBERS // 10, 2)
        house.queue_notices(service, 1)
        path = folder / "all.backup"
        with timed("backup from sqlite"):
            written = backup.write(service.database, Base.metadata, path, KEY, datetime.now(UTC))
        print(f"{written.rows} rows, {path.stat().st_size / 1e6:.0f} MB")
        for kind in ("sqlite", "postgresql"):
            with new_database(kind, folder, server) as restored, timed(f"restore to {kind}"):
                backup.restore(restored, Base.metadata, path, KEY)
        with new_database("postgresql", folder, server) as target, timed("move to postgresql"):
            move(service.database, target, Base.metadata)


if __name__ == "__main__":
    measure()
