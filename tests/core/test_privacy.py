"""Counts as they may be shown: a count under five must not reveal anyone."""

from __future__ import annotations

import pytest

from smsgate.core import privacy


@pytest.mark.parametrize(
    ("count", "shown", "at_least"), [(0, "0", 4), (1, "a few", 4), (4, "a few", 4), (5, "5", 5), (60, "60", 60)]
)
def test_a_count_under_five_is_not_shown(count: int, shown: str, at_least: int) -> None:
    assert privacy.few(count, "a few") == shown
    assert privacy.at_least_few(count) == at_least
    assert privacy.is_few(count) == (count < 5)
