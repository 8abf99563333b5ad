"""Seeds randomness: the codes that the service gives out, and its small random waits.

Each test is seeded with its own name, so that it sees the same codes in every run, alone or among others. Keys, tokens
and ids stay random, since no test reads them.
"""

from __future__ import annotations

import random
import secrets
import zlib
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def seeded_codes() -> Iterator[None]:
    """Replace the two functions with which the service draws codes; its waits come from `random` anyway."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbelow", random.randrange)
        patch.setattr(secrets, "choice", random.choice)
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Seed `random` before any fixture of the test uses it."""
    random.seed(zlib.crc32(item.name.encode()))
