"""`python -m bench.timed LANE FILE`: a lane's worker that writes where its time went to FILE when it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from smsgate import service
from smsgate.core import config, logs
from smsgate.gateways import Gateway, Outcome
from smsgate.workers import worker


class Stopwatch:
    """Adds up the seconds (`total`) between starts and stops."""

    def __init__(self) -> None:
        self.total = 0.0
        self._since = 0.0

    def starts(self, *_: Any) -> None:  # noqa: ANN401 - the event's arguments
        """Start; the arguments are ignored."""
        self._since = time.perf_counter()

    def stops(self, *_: Any) -> None:  # noqa: ANN401
        """Stop; the arguments are ignored."""
        self.total += time.perf_counter() - self._since


class Timed:
    """A gateway whose sending is timed."""

    def __init__(self, gateway: Gateway, watch: Stopwatch) -> None:
        self.name, self._gateway, self._watch = gateway.name, gateway, watch

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """Send through the gateway, with the stopwatch running."""
        self._watch.starts()
        try:
            return self._gateway.send(words, numbers)
        finally:
            self._watch.stops()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a gateway can do
        return getattr(self._gateway, name)


def main(lane: str, path: str) -> None:
    """Work until told to stop, then write how the draining time is split between gateway, database and our own code."""
    logs.configure("WARNING")
    wired = service.wire(config.load())
    database, gateway, drain = Stopwatch(), Stopwatch(), Stopwatch()
    _time_database(wired.database.engine, database)
    from smsgate.workers import drain as drain_job

    drained = drain_job.Drainer._send_due

    def timed(*arguments: Any) -> int:  # noqa: ANN401
        drain.starts()
        try:
            return drained(*arguments)
        finally:
            drain.stops()

    drain_job.Drainer._send_due = timed  # type: ignore[assignment]
    worker.work(replace(wired, gateway=Timed(wired.gateway, gateway)), lane)
    own = drain.total - database.total - gateway.total
    parts = {"gateway": gateway.total, "database": database.total, "ours": own}
    Path(path).write_text(", ".join(f"{name} {100 * part / drain.total:.0f} %" for name, part in parts.items()))


def _time_database(engine: Engine, watch: Stopwatch) -> None:
    """Time the engine's statements and commits."""
    event.listen(engine, "before_cursor_execute", watch.starts)
    event.listen(engine, "after_cursor_execute", watch.stops)
    commit = engine.dialect.do_commit

    def timed(connection: Any) -> None:  # noqa: ANN401 - the driver's
        watch.starts()
        commit(connection)
        watch.stops()

    engine.dialect.do_commit = timed  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    main(*sys.argv[1:])
