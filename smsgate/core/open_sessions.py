"""Where Redis stores a number's open dialogues, one per channel, and how to end all of them at once.

After an erasure, an opt-out, a new PIN or a change of holder, no earlier dialogue continues. The stored session becomes
ENDED, which no turn reads or overwrites, not even one in progress. The turn that ends the dialogues is exempt: it still
says its last words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from redis import Redis
from redis.exceptions import RedisError

from smsgate.core.encryption import Keyring
from smsgate.core.redis_client import Script

log = structlog.get_logger()

USSD, SMS = "ussd", "sms"
ENDED = b"ended"  # stored for a number whose dialogues were ended; nothing encrypted begins like this
KEPT_SECONDS = 30  # longer than any turn may take
END = """
if redis.call('GET', KEYS[2]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
"""

_own_token: ContextVar[str] = ContextVar("own_token", default="")


def name_of_session(channel: str, number: str) -> str:
    """Return the name of the dialogue of an E.164 number on a channel."""
    return f"{channel} {number}"


def key_of_duress_memory(keyring: Keyring, number: str) -> str:
    """Return the Redis key of what was done in the duress account of an E.164 number."""
    return f"duress:{keyring.tag(f'duress {number}')}"


def keys_of_session(keyring: Keyring, name: str) -> list[str]:
    """Return the Redis keys of a dialogue and of its lock. They contain a tag of its name, so that no number shows."""
    tag = keyring.tag(name)
    return [f"run:{tag}", f"turn:{tag}"]


@contextmanager
def own_turn(token: str) -> Iterator[None]:
    """Exempt the dialogue locked with this token inside the block: its own turn ends it."""
    before = _own_token.set(token)
    try:
        yield
    finally:
        _own_token.reset(before)


class SessionEnder:
    """Ends the open dialogues of numbers."""

    def __init__(self, redis: Redis, keyring: Keyring) -> None:
        self._redis, self._keyring = redis, keyring
        self._end = Script(redis, END)

    def __call__(self, number: str, erased: bool = False) -> None:
        """End every dialogue of an E.164 number, on every channel. Without Redis, none can continue anyway.

        If its member was `erased`, also forget what was done in the duress account.
        """
        try:
            for channel in (USSD, SMS):
                keys = keys_of_session(self._keyring, name_of_session(channel, number))
                self._end(keys=keys, args=[_own_token.get() or "-", ENDED, KEPT_SECONDS])
            if erased:
                self._redis.delete(key_of_duress_memory(self._keyring, number))
        except RedisError as error:
            log.error("sessions_not_ended", error=type(error).__name__)
