"""The provider that benches send to, and what stands in its ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import urlopen

from bench.processes import running


class Sent(NamedTuple):
    """A call that the provider accepted."""

    at: float  # seconds since 1970
    words: str
    count: int


@contextmanager
def carrying(port: int, manner: str, env: Mapping[str, str]) -> Iterator[tuple[int, Callable[[], list[Sent]]]]:
    """A provider that is `instant` or takes its time (`silent`): its process, and its ledger to be read."""

    def ledger() -> list[Sent]:
        ago = time.time() - time.monotonic()
        with urlopen(f"http://127.0.0.1:{port}/arrivals") as answer:
            return [Sent(when + ago, words, count) for when, words, count in json.load(answer)]

    with running(["bench.provider", str(port), manner], env) as pid:
        yield pid, ledger
