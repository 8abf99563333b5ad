"""Runs tests of one `xdist_group` one after the other on one worker: processes and browsers slow each other down.

pytest-xdist 3.8 appends the group to a test's id, for its scheduler to find, but in an attribute that pytest 9.2 no
longer reads: together they group nothing, without any warning. This plugin can go once pytest-xdist does it right;
`tests/test_suite.py` checks that one of them does.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Append the group to the id, on workers that were asked to group."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(ending := f"@{group.args[0]}"):
            item._id = type(item.id).parse(item.nodeid + ending)
