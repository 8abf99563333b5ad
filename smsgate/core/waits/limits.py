"""How long each kind of process waits for an unresponsive database, or may hold it up itself, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The longest waits; 0 means no limit, as in PostgreSQL. The server ends what a client no longer waits for."""

    statement: float  # how long one statement may run
    lock: float  # how long it may wait for a lock, on SQLite for another writer
    idle: float  # between two statements of a transaction; a suspended process holds its locks no longer than this
    answer: float  # without an answer from the server: a suspended one ends nothing by itself
    request: float = 0.0  # for all the waits of a callback
    page: float = 0.0  # for all the waits of a console page
    gives_way: bool = False  # after some waits in vain, refuse others at once, so that callers don't queue up


WEB = Limits(
    statement=1.5, lock=1.0, idle=15.0, answer=1.5, request=1.5, page=10.0, gives_way=True
)  # a caller reads within two seconds that the service isn't working
WORKER = Limits(statement=30.0, lock=5.0, idle=15.0, answer=35.0)
COMMAND = Limits(statement=600.0, lock=30.0, idle=0.0, answer=660.0)
# Everybody else queues behind a wait for an exclusive lock: wait a moment, then try again.
MIGRATION = Limits(statement=0.0, lock=0.5, idle=0.0, answer=3600.0)
