"""A gateway that delivers to the simulated phones and nobody else, through a Redis stream, "the air"."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from redis import Redis

from smsgate.core.gsm7 import segments
from smsgate.gateways import Outcome, Verdict

AIR = "simulator:air"
KEPT = 500  # texts; the simulated phones are no archive
PRICE = 0.8


class Simulator:
    """A gateway that accepts every text and puts it on the air."""

    name = "simulator"

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """Accept all, at the price that a Kenyan network charges per segment."""
        sent = [Outcome(n, Verdict.ACCEPTED, f"SIM_{uuid4().hex}", _cost(words)) for n in numbers]
        rows = [
            {
                "id": o.provider_id,
                "to": o.number,
                "text": words,
                "segments": segments(words),
                "at": time.time(),
            }
            for o in sent
        ]
        pipe = self._redis.pipeline()
        for row in rows:
            pipe.xadd(AIR, {"text": json.dumps(row)}, maxlen=KEPT)
        pipe.execute()
        return sent


def on_the_air(redis: Redis, after: str = "0") -> tuple[list[dict[str, Any]], str]:
    """Return the texts since the mark `after`, oldest first, and the mark for the next call."""
    entries: Any = redis.xrange(AIR, min=f"({after}" if after != "0" else "-")
    texts = [json.loads(fields[b"text"]) for _mark, fields in entries]
    return texts, entries[-1][0].decode() if entries else after


def _cost(words: str) -> str:
    return f"KES {PRICE * segments(words):.4f}"
