"""Chooses what runs by day (`make test`) and what only by night (`make nightly` or `--full-matrix`).

Three rules leave a part of the suite to the night, so that by day it takes six minutes:

* **One database.** A test about storage, locking or SQL runs on both: it, or its module, is marked `both_databases`.
  Every other test runs on SQLite, which takes two thirds of the time that PostgreSQL and its server need.
* **Two examples.** Of a parametrised test that goes through the stores, two examples run. They are chosen by a checksum
  of their names, so they are the same in every run and on every worker. `by_day(8)` sets another number, and
  `every_example` marks a table in which each row matters. A pure test runs all its examples.
* **Nothing long.** A test marked `by_night` has a shorter counterpart by day.

A test that you pick runs despite the first two rules, as long as you don't pick its variants with it:
`pytest "tests/help/test_plans.py::test_at_a_time[postgresql]"`, `pytest -k postgresql`.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

KINDS = ("sqlite", "postgresql")
EXAMPLES = 2
DEAR = {"database_url", "redis_url", "browser"}  # fixtures of tests that are not pure


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full-matrix`."""
    parser.addoption("--full-matrix", action="store_true", help="every test, each on both databases")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, since markers are strict."""
    config.addinivalue_line("markers", "both_databases: about storage, locking or SQL, so on SQLite and PostgreSQL")
    config.addinivalue_line("markers", "by_night: too long for every run; its like is done there by shorter means")
    config.addinivalue_line("markers", "by_day(n): how many of its examples run by day")
    config.addinivalue_line("markers", "every_example: each of its examples matters, so all of them run by day")


@pytest.hookimpl(trylast=True)  # after -k and -m, to keep a variant that they picked alone
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what the rules leave to the night."""
    if config.getoption("full_matrix"):
        return
    left_out = {item for item in items if item.get_closest_marker("by_night")}
    left_out |= set(_of_the_other_database(items))
    left_out |= set(_further_examples(item for item in items if item not in left_out))
    if left_out:
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left_out]


def _of_the_other_database(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the PostgreSQL half of each pair that differs only in its database."""
    collected = {_name(item) for item in items}
    for item in items:
        if _database(item) != KINDS[1] or item.get_closest_marker("both_databases"):
            continue
        if _name(item).replace(KINDS[1], KINDS[0]) in collected:
            yield item


def _further_examples(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield all but the first few examples of each parametrised test, in the order of a checksum."""
    families: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        is_dear = item.get_closest_marker("by_day") or not DEAR.isdisjoint(getattr(item, "fixturenames", ()))
        if not is_dear or item.get_closest_marker("every_example"):
            continue
        family = f"{item.location[0]}::{getattr(item, 'originalname', item.name)}"
        families[family][_name(item).replace(_database(item) or "", "")].append(item)
    for examples in families.values():
        for name in sorted(examples, key=lambda name: zlib.crc32(name.encode()))[_so_many(examples) :]:
            yield from examples[name]


def _so_many(examples: dict[str, list[pytest.Item]]) -> int:
    mark = next(iter(examples.values()))[0].get_closest_marker("by_day")
    return int(mark.args[0]) if mark else EXAMPLES


def _name(item: pytest.Item) -> str:
    """Return the test's id without what other plugins append to it."""
    return f"{item.location[0]}::{item.name}"


def _database(item: pytest.Item) -> str | None:
    """Return the kind of database that a test uses, or None."""
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database_url") if callspec else None
    return kind if kind in KINDS else None
