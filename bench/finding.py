"""How long each step of finding a group takes among 500 groups in 60 towns, on either database."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.directory import public_page, search
from smsgate.directory.public_page import Wanted
from smsgate.models import Area, Group, Listing
from tests.support import many_groups, stores

TIMES = 50
Step = Callable[[Session, datetime], Any]


def measure() -> None:
    """Print the median and the slowest of each step, in ms."""
    now = datetime.now(UTC)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smsgate-bench-")))
        server = stack.enter_context(stores.postgres())
        for name, url in (
            ("sqlite", f"sqlite:///{stores.sqlite_template(folder)}"),
            ("postgresql", stack.enter_context(stores.fresh_postgres(server))),
        ):
            database = Database(url, Keyring([stores.KEY]))
            with database.transaction() as session:
                many_groups.build(session, now)
                session.execute(update(Listing).values(on_web=True))
            _print_steps(name, database, now)
            database.engine.dispose()


def _print_steps(name: str, database: Database, now: datetime) -> None:
    with database.reading() as session:
        nairobi = session.scalars(select(Area.id).where(Area.name == "Nairobi", Area.parent_id.is_(None))).one()
        group = session.scalars(select(Group.id).order_by(Group.id)).first() or 0
    steps: dict[str, Step] = {
        "counties": lambda session, _now: search.counties_with_groups(session),
        "towns of a county": lambda session, _now: search.towns_with_groups(session, nairobi),
        "80 groups of a town": lambda session, now: search.groups_listed(session, now, area_id=nairobi),
        "three letters": lambda session, now: search.by_letters(session, "625", now),
        "one group": lambda session, now: search.page_of(session, group, None, "sw", now),
        "a page of the web": lambda session, now: public_page.groups(session, Wanted(), "fr", now),
    }
    for what, step in steps.items():
        taken = sorted(_taken(database, step, now) for _ in range(TIMES))
        print(f"{name}, {what}: {statistics.median(taken):.1f} ms, at most {taken[-1]:.1f}")


def _taken(database: Database, step: Step, now: datetime) -> float:
    with database.reading() as session:
        began = time.perf_counter()
        step(session, now)
        return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    measure()
