"""What processes share through Redis and do without while it is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from redis.exceptions import RedisError

AWAY_SECONDS = 5.0  # so long nobody asks again: a Redis that hangs costs each question a second

Answer = TypeVar("Answer")


class Shared:
    """The way to Redis for what must go on without it."""

    def __init__(self) -> None:
        self._away_until = 0.0

    def ask(self, question: Callable[[], Answer]) -> Answer | None:
        """What Redis says; None while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return question()
        except RedisError:
            self._away_until = time.monotonic() + AWAY_SECONDS
            return None
