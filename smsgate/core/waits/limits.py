"""How long each kind of process waits for a database that does not answer, or holds it up itself. In seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The longest waits; 0 is no limit, as in PostgreSQL. The server ends what a client no longer waits for."""

    statement: float  # that one statement may run
    lock: float  # that it waits for a lock; with SQLite for another writer
    idle: float  # between two statements of a transaction: a process that is stopped holds its locks no longer
    answer: float  # without an answer from the server: one that is stopped ends nothing by itself
    request: float = 0.0  # for all that a callback waits for
    page: float = 0.0  # for all that a page of the console waits for
    gives_way: bool = False  # after some waits in vain others are refused at once, so that no queue of callers grows


WEB = Limits(
    statement=1.5, lock=1.0, idle=15.0, answer=1.5, request=1.5, page=10.0, gives_way=True
)  # a caller reads within two seconds that it does not work
WORKER = Limits(statement=30.0, lock=5.0, idle=15.0, answer=35.0)
COMMAND = Limits(statement=600.0, lock=30.0, idle=0.0, answer=660.0)
# While one waits for an exclusive lock, everybody else waits behind it: wait a moment, then try again.
MIGRATION = Limits(statement=0.0, lock=0.5, idle=0.0, answer=3600.0)
