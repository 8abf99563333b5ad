"""Seeds randomness: the codes that the service gives out, and its small random waits.

Each test is seeded with its own name, so that it sees the same codes in every run, alone or among others. Keys, tokens
and ids stay random, since no test reads them. What hypothesis makes up is the same in every run by day, so that a fault
of the product never fails somebody else's change; by night it makes up something new.
"""

from __future__ import annotations

import random
import secrets
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import settings


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile before any test module is imported, since its settings are taken then."""
    settings.register_profile("by day", derandomize=True)
    settings.load_profile("default" if config.getoption("full_matrix") else "by day")


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
