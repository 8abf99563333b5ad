"""What is drawn by chance, drawn from a seed: the codes that the service gives, and its small waits.

Each test has a seed of its own, its name, so that it sees the same codes in every run, alone or among others. Keys,
tokens and ids stay random: no test reads them.
"""

from __future__ import annotations

import random
import secrets
import zlib
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def seeded_codes() -> Iterator[None]:
    """The two ways in which the service draws a code; what else it draws comes from `random` itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbelow", random.randrange)
        patch.setattr(secrets, "choice", random.choice)
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of the test draws."""
    random.seed(zlib.crc32(item.name.encode()))
