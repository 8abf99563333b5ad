"""How many stories begin: played once on each worker, and from then on restored as it ended.

A fixture that lets people join, agree or sign in plays it by dialling and texting, as they would. On SQLite, what it
leaves in the stores, in the people's hands and on the clock is kept, and the next test of the module begins there.
"""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import func, select, union_all

from smsgate.models import Base
from smsgate.service import Service
from tests.support.console import Console
from tests.support.people import Clock, Phone

Someone = Phone | Console
Play = Callable[..., None]  # (what is played, those who take part)
TEXTS = ("mark", "inbox", "ids")  # of a Phone
SCREEN = ("session", "typed", "screen", "hops", "began", "answered")  # of its Handset
COUNTED = union_all(*(select(func.count()).select_from(table) for table in Base.metadata.sorted_tables))


@dataclass(frozen=True)
class Ending:
    """What an opening left behind."""

    database: bytes
    redis: dict[bytes, tuple[int, bytes]]  # milliseconds to live or 0, and its dump
    time: datetime
    people: list[dict[str, Any]]


KEPT: dict[tuple[object, ...], Ending] = {}


@pytest.fixture
def opening(request: pytest.FixtureRequest, service: Service, clock: Clock) -> Play:
    """Return what plays an opening, or restores its end if it was played before from the same state."""

    def begin(play: Callable[[], None], *people: Someone) -> None:
        database = service.database.engine.url.database
        if service.database.engine.dialect.name != "sqlite" or database is None:
            play()
            return
        with service.database.reading() as session:
            before = request.node.module.__name__, play.__qualname__, clock.time, *session.scalars(COUNTED)
        if before in KEPT:
            _restore(KEPT[before], service, clock, people)
        else:
            play()
            KEPT[before] = _ending(service, clock, people)

    return begin


def _ending(service: Service, clock: Clock, people: tuple[Someone, ...]) -> Ending:
    with closing(sqlite3.connect(_file(service))) as database, Redis.from_url(service.settings.redis_url) as redis:
        keys = list(redis.keys())
        found = redis.pipeline(transaction=False)
        for key in keys:
            found.pttl(key).dump(key)
        answers = iter(found.execute())
        found_keys = {key: (max(next(answers), 0), next(answers)) for key in keys}
        dumped = {key: kept for key, kept in found_keys.items() if kept[1] is not None}  # not just expired
        image = database.serialize()
        image = image[:18] + b"\1\1" + image[20:]  # without a write-ahead log, which a database in memory can't have
        return Ending(image, dumped, clock.time, [_held(person) for person in people])


def _restore(ending: Ending, service: Service, clock: Clock, people: tuple[Someone, ...]) -> None:
    with closing(sqlite3.connect(":memory:")) as kept, closing(sqlite3.connect(_file(service))) as database:
        kept.deserialize(ending.database)
        kept.backup(database)  # in a transaction, since the service has connections open
    with Redis.from_url(service.settings.redis_url) as redis:
        steps = redis.pipeline()
        steps.flushall()
        for key, (lives, dump) in ending.redis.items():
            steps.restore(key, lives, dump)
        steps.execute()
    clock.time = ending.time
    for person, held in zip(people, ending.people, strict=True):
        _takes_up(person, held)


def _file(service: Service) -> Path:
    return Path(service.database.engine.url.database or "")


def _held(person: Someone) -> dict[str, Any]:
    """Return what somebody has in hand: texts that came, the screen, a browser's page and cookies."""
    if isinstance(person, Console):
        return {"at": person.at, "last": person.last, "cookies": dict(person.client._cookies or {})}
    return {name: copy.copy(getattr(_owner(person, name), name)) for name in (*TEXTS, *SCREEN)}


def _takes_up(person: Someone, held: dict[str, Any]) -> None:
    if isinstance(person, Console):
        person.at, person.last, person.client._cookies = held["at"], held["last"], dict(held["cookies"])
        return
    for name in (*TEXTS, *SCREEN):
        setattr(_owner(person, name), name, copy.copy(held[name]))


def _owner(phone: Phone, name: str) -> object:
    return phone if name in TEXTS else phone.handset
