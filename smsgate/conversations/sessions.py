"""Runs of conversations: what is remembered between two turns, sealed, in Redis, one turn at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from redis import Redis

from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.redis_client import Script
from smsgate.flows.engine import Answer, Kept
from smsgate.flows.screens import Page
from smsgate.flows.steps import Caller, Sort

PURPOSE = "run"
LOCK_MS = 4_000  # a killed worker, or a line that was cut, blocks the caller no longer than this
PATIENCE = 5.0  # seconds that a second callback of the same turn waits for the first

# Taking twice with one token is taking once: the answer to the first may have got lost.
TAKE = """
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[2]) == ARGV[1] then
  return redis.call('GET', KEYS[1]) or ''
end
return false
"""
GIVE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[3] ~= '0' then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
redis.call('DEL', KEYS[2])
return 1
"""


class Busy(Exception):
    """Another turn of the same caller is still being worked on."""


@dataclass
class Asked:
    """The question that the person saw: a reply belongs to it, whatever a release changed meanwhile."""

    name: str
    choice: bool
    sort: Sort = Sort.WORDS
    longest: int = 160
    pin: bool = False


@dataclass
class Run:
    """One conversation. `heard` and `heard_mark` tell how much of the session's text was worked on, not what it was."""

    session: str
    caller: Caller
    id: str = field(default_factory=lambda: uuid4().hex)
    heard: int = 0
    heard_mark: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: Asked | None = None
    pages: list[Page] = field(default_factory=list)
    page: int = 0
    language: str = "en"
    offering: bool = False
    ended: bool = False
    earlier: str = ""  # the session before this one: a late repeat of it is not a new call
    asked_at: float = 0.0

    def dumps(self) -> str:
        """JSON."""
        return json.dumps(vars(self), separators=(",", ":"), ensure_ascii=False, default=vars)

    @classmethod
    def loads(cls, text: str) -> Run:
        """From JSON; raises ValueError, TypeError or KeyError where an earlier release wrote something else."""
        kept: dict[str, Any] = json.loads(text)
        kept["caller"] = Caller(**kept["caller"])
        kept["answers"] = [Answer(a["name"], a["value"], Kept(a["kept"])) for a in kept["answers"]]
        kept["pages"] = [Page(**page) for page in kept["pages"]]
        if kept["asked"]:
            kept["asked"] = Asked(**{**kept["asked"], "sort": Sort(kept["asked"]["sort"])})
        return cls(**kept)


@dataclass
class Held:
    """A run while its turn is worked on; what `run` and `seconds` are at the end is kept. None keeps all as it was."""

    run: Run | None
    keep: Run | None = None
    seconds: int = 0


class Runs:
    """The store. Names of callers are tags and runs are sealed: Redis never shows a number or a word."""

    def __init__(self, redis: Redis, keyring: Keyring) -> None:
        self._keyring = keyring
        self._take = Script(redis, TAKE)
        self._give = Script(redis, GIVE)

    @contextmanager
    def turn(self, name: str, patience: float = PATIENCE) -> Iterator[Held]:
        """Hold the caller's run for one turn; raises Busy after `patience` seconds. One read and one write."""
        token = uuid4().hex
        keys = self._keys(name)
        held = Held(self._open(self._taken(keys, token, patience)))
        try:
            yield held
        except BaseException:
            self._give.fire_and_forget(keys=keys, args=[token, b"", 0])
            raise
        # Nobody waits for this write: the next turn cannot take the run before it was given.
        sealed = self._keyring.seal(held.keep.dumps(), PURPOSE) if held.keep else b""
        self._give.fire_and_forget(keys=keys, args=[token, sealed, held.seconds if held.keep else 0])

    def _keys(self, name: str) -> list[str]:
        tag = self._keyring.tag(name)
        return [f"run:{tag}", f"turn:{tag}"]

    def _taken(self, keys: list[str], token: str, patience: float) -> bytes:
        until = time.monotonic() + patience
        while True:
            found = self._take(keys=keys, args=[token, LOCK_MS])
            if isinstance(found, bytes):
                return found
            if time.monotonic() > until:
                raise Busy
            time.sleep(0.02)

    def _open(self, sealed: bytes) -> Run | None:
        if not sealed:
            return None
        try:
            return Run.loads(self._keyring.open(sealed, PURPOSE))
        except (WrongKey, ValueError, TypeError, KeyError):
            return None  # another release or another key: the person begins again at the first screen
