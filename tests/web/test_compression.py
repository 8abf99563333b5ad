"""Pages for slow connections: compressed, and with static files cached for a year."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FILE = re.compile(r'(?:href|src)="(/console/static/[^"]+)"')


def get(client: FlaskClient, path: str, **more: Any) -> TestResponse:
    """Return the response, read to its end."""
    answer = client.get(path, **more)
    with answer:
        answer.get_data()
    return answer


def test_pages_and_files_are_compressed_for_who_takes_it(client: FlaskClient) -> None:
    page = get(client, "/console/sign-in").text
    for path in ("/console/sign-in", *FILE.findall(page)):
        plain = get(client, path)
        small = get(client, path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
        assert "Content-Encoding" not in plain.headers, path
        assert "Accept-Encoding" in plain.headers["Vary"], path
        if len(plain.data) > 800:
            assert small.headers["Content-Encoding"] == "gzip", path
            assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 1.8, path
        if path.startswith("/console/static/") and "Content-Encoding" in small.headers:
            assert gzip.decompress(small.data) == plain.data
        refused = get(client, path, headers={"Accept-Encoding": "gzip;q=0"})
        assert "Content-Encoding" not in refused.headers, path


def test_a_file_is_kept_for_a_year_under_the_name_of_its_content(client: FlaskClient) -> None:
    files = FILE.findall(get(client, "/console/sign-in").text)
    assert len(files) >= 3
    for path in files:
        kept = get(client, path).headers["Cache-Control"]
        assert "max-age=31536000" in kept, path
        assert "immutable" in kept, path


@pytest.mark.parametrize("path", ["console.css", "console.css?v=00000000", "nothing.css?v=1", "../__init__.py?v=1"])
def test_another_name_is_not_kept(client: FlaskClient, path: str) -> None:
    assert "max-age=31536000" not in get(client, f"/console/static/{path}").headers.get("Cache-Control", "")
