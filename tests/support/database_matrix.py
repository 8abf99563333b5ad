"""Which of the two databases a test runs on.

A test about storage, locking or SQL runs on both: it, or its module, is marked `both_databases`. Every other test that
asks for a database runs on one of them, half of the tests on each. PostgreSQL is what carries the service, and a test
on it costs about one and a half times what it costs on SQLite (processor time of the test and its server, measured on
help texts and on the console), so all on PostgreSQL would be dear and all on SQLite would miss what only PostgreSQL
refuses. A checksum of the test's name chooses: the same test runs on the same database in every run and every worker.

`--full-matrix` runs every test on both, as `make nightly` does. A test that is named or picked with its database runs
on that one: `pytest "tests/help/test_plans.py::test_at_a_time[sqlite]"`, `pytest -k postgresql`.
"""

from __future__ import annotations

import zlib

import pytest

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full-matrix`."""
    parser.addoption("--full-matrix", action="store_true", help="every test on both databases")


def pytest_configure(config: pytest.Config) -> None:
    """The markers, since markers are strict."""
    config.addinivalue_line("markers", "both_databases: about storage, locking or SQL, so on SQLite and PostgreSQL")
    config.addinivalue_line("markers", "by_night: too long for every run; its like is done there by shorter means")


@pytest.hookimpl(trylast=True)  # after -k and -m, so that what they leave of a pair is kept
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each pair that differs in its database alone, keep the one whose turn it is."""
    if config.getoption("full_matrix"):
        return
    collected = {_name(item) for item in items}
    left_out = [item for item in items if _is_left_out(item, collected)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_left_out(item: pytest.Item, collected: set[str]) -> bool:
    if item.get_closest_marker("by_night"):
        return True
    kind = _database(item)
    if kind is None or item.get_closest_marker("both_databases"):
        return False
    other = KINDS[1 - KINDS.index(kind)]
    if _name(item).replace(kind, other) not in collected:
        return False
    name = _name(item).replace(kind, "")
    return KINDS[zlib.crc32(name.encode()) % 2] != kind


def _name(item: pytest.Item) -> str:
    """Its id without what other plugins write behind it."""
    return f"{item.location[0]}::{item.name}"


def _database(item: pytest.Item) -> str | None:
    """The database of this test, None where it has none."""
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database_url") if callspec else None
    return kind if kind in KINDS else None
