"""Tests of one `xdist_group` run one after the other on one worker: processes and browsers hinder each other.

pytest-xdist 3.8 writes the group behind a test's id, for its scheduler to find, in a place where pytest 9.2 does not
look any more: by themselves the two group nothing, and do not say so. When a later pytest-xdist does it again, this
plugin can go; `tests/test_suite.py` tells whether anybody does.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The group behind the id, on workers that were asked to group."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(ending := f"@{group.args[0]}"):
            item._id = type(item.id).parse(item.nodeid + ending)
