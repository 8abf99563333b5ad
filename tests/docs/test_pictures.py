"""The pictures in `docs/` can be taken from the running service, and each is used on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import pictures


def test_each_picture_is_shown() -> None:
    texts = [path.read_text("utf-8") for path in [pictures.ROOT / "README.md", *(pictures.ROOT / "docs").rglob("*.md")]]
    for picture in pictures.PICTURES.iterdir():
        assert any(f"pictures/{picture.name})" in text for text in texts), picture.name


@pytest.mark.by_night
@pytest.mark.xdist_group("processes")
def test_they_are_taken_from_the_running_service(tmp_path: Path) -> None:
    pictures.main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in pictures.PICTURES.iterdir()}
