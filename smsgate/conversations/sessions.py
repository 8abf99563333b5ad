"""Stores what is remembered between two turns: a phone's session, encrypted in Redis, for one turn at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from uuid import uuid4

from msgspec import Struct, field
from msgspec.json import Decoder, Encoder
from redis import Redis

from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.open_sessions import ENDED, keys_of_session, own_turn
from smsgate.core.redis_client import Script
from smsgate.flows.engine import Answer
from smsgate.flows.screens import Page
from smsgate.flows.steps import Caller, InputType

PURPOSE = "run"
LOCK_MS = 4_000  # a killed worker, or a connection that broke, blocks the phone no longer than this
PATIENCE = 5.0  # seconds that a second callback of the same turn waits for the first

# Taking twice with one token counts as once: the reply to the first may have got lost. A lock that would last longer
# than any should is from before Redis's clock went back.
TAKE = """
local taken = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[2]) == ARGV[1]
if not taken and redis.call('PTTL', KEYS[2]) > tonumber(ARGV[2]) then
  taken = redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
if taken then return redis.call('GET', KEYS[1]) or '' end
return false
"""
# A turn may outlive its lock and still commit: its session is written unless another turn has the lock, or wrote.
# A sealed session begins with a digest of itself (AES-SIV): its first 16 bytes distinguish its versions.
VERSION_BYTES = 16
GIVE = """
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[3] ~= '0' then
  local version = holder and '' or redis.call('GETRANGE', KEYS[1], 0, 15)
  if version == '' or version == ARGV[4] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
end
redis.call('DEL', KEYS[2])
return 1
"""

# Fields with another name in Redis: workers of an earlier release read and write the same sessions.
STORED_NAMES = {
    "provider_session": "session",
    "previous_session": "earlier",
    "text_length": "heard",
    "text_tag": "heard_mark",
    "offers_to_continue": "offering",
}


class Busy(Exception):
    """Another turn of the same phone is still in progress."""


class Asked(Struct, rename={"input_type": "sort"}):
    """The question that the person saw: their reply belongs to it, whatever a new release has changed."""

    name: str
    choice: bool
    input_type: InputType = InputType.WORDS
    longest: int = 160  # characters
    pin: bool = False  # a PIN may be typed in place of a choice


class PhoneSession(Struct, rename=STORED_NAMES):
    """One dialogue with one phone, by USSD or SMS.

    `text_length` and `text_tag` say how much of a USSD session's text was handled, but not its content.
    """

    provider_session: str  # the provider's id of the USSD session; "" by SMS
    caller: Caller
    id: str = field(default_factory=lambda: uuid4().hex)  # "" once its person was erased during it
    text_length: int = 0
    text_tag: str = ""
    text_form: str = ""  # a ussd_text.TextForm
    answers: list[Answer] = []  # msgspec copies an empty list for each instance
    asked: Asked | None = None
    pages: list[Page] = []
    page: int = 0
    language: str = "en"
    offers_to_continue: bool = False  # set only by an earlier release
    ended: bool = False
    previous_session: str = ""  # the provider's id before this one: a late repeat of it is not a new call
    asked_at: float = 0.0  # seconds since the epoch
    interrupted: PhoneSession | None = None  # the call before, which was cut off: it may be continued

    @property
    def erased(self) -> bool:
        """True once its person was erased during it."""
        return not self.id

    def without_person(self) -> PhoneSession:
        """Return what a repeat of the last callback needs, and nothing about its caller."""
        return PhoneSession(
            self.provider_session, Caller(), "", text_length=self.text_length, text_tag=self.text_tag,
            pages=self.pages, language=self.language, ended=True,
        )  # fmt: skip

    def dumps(self) -> str:
        """Return the session as JSON."""
        return _ENCODER.encode(self).decode()

    @classmethod
    def loads(cls, text: str) -> PhoneSession:
        """Read a session from JSON. Raises ValueError if an earlier release wrote something else."""
        return _DECODER.decode(text)


_ENCODER, _DECODER = Encoder(), Decoder(PhoneSession)


@dataclass
class LockedSession:
    """A phone's session while one turn works on it. What `save` was given last is written when the lock is released."""

    stored: PhoneSession | None  # as it was before this turn
    saved: PhoneSession | None = None
    seconds: int = 0

    def save(self, phone_session: PhoneSession, seconds: int) -> None:
        """Have this session stored for so many seconds; if nothing is saved, what is stored stays as it is."""
        self.saved, self.seconds = phone_session, seconds


class SessionStore:
    """The sessions in Redis. Keys hold a tag of the number, values are encrypted: no number and no word shows."""

    def __init__(self, redis: Redis, keyring: Keyring) -> None:
        self._keyring = keyring
        self._take = Script(redis, TAKE)
        self._give = Script(redis, GIVE)

    @contextmanager
    def locked(self, name: str, patience: float = PATIENCE) -> Iterator[LockedSession]:
        """Lock a phone's session for one turn; raises Busy after `patience` seconds. Costs one read and one write."""
        token = token_hex(16)
        keys = keys_of_session(self._keyring, name)
        stored = self._taken(keys, token, patience)
        locked = LockedSession(self._opened(stored))
        try:
            with own_turn(token):
                yield locked
        except BaseException:
            self._give.fire_and_forget(keys=keys, args=[token, b"", 0, b""])
            raise
        # Nobody waits for this write: the next turn cannot lock the session before it is released.
        sealed = self._keyring.seal(locked.saved.dumps(), PURPOSE) if locked.saved else b""
        seconds, version = locked.seconds if locked.saved else 0, stored[:VERSION_BYTES]
        self._give.fire_and_forget(keys=keys, args=[token, sealed, seconds, version])

    def _taken(self, keys: list[str], token: str, patience: float) -> bytes:
        until = time.monotonic() + patience
        while True:
            stored = self._take(keys=keys, args=[token, LOCK_MS])
            if isinstance(stored, bytes):
                return stored
            if time.monotonic() > until:
                raise Busy
            time.sleep(0.02)

    def _opened(self, sealed: bytes) -> PhoneSession | None:
        if not sealed or sealed == ENDED:
            return None
        try:
            return PhoneSession.loads(self._keyring.open(sealed, PURPOSE))
        except (WrongKey, ValueError):
            return None  # another release or another key: the person begins again at the first screen
