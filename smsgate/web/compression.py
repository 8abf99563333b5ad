"""Kind to a bad line: text goes out compressed, and files of the console are kept for a year under names of their own.

A file is asked for with a mark of its content, `console.css?v=1f3a9c20`: another content has another address, so a
browser never has to ask whether it is still the same.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import blake2s
from pathlib import Path

from flask import Flask, Response, request, url_for

A_YEAR = 31_536_000  # seconds
WORTH = 800  # bytes: less is one packet either way
TEXTS = ("text/", "application/json", "application/yaml", "image/svg+xml", "application/javascript")
STATIC = Path(__file__).parent / "static"


def add_versions(app: Flask, endpoint: str, folder: str) -> None:
    """Offer templates `static_url(filename)`, the address of a file by its content."""

    def static_url(filename: str) -> str:
        return url_for(endpoint, filename=filename, v=mark_of(folder, filename))

    app.context_processor(lambda: {"static_url": static_url})


@cache
def mark_of(folder: str, filename: str) -> str:
    """Return a mark of a file's content; read once, as a release changes no file while it runs."""
    return blake2s((STATIC / folder / filename).read_bytes(), digest_size=4).hexdigest()


def keep_static(response: Response, folder: str) -> None:
    """Let a browser keep a file for a year, if it asked by the content that the file has."""
    filename = (request.view_args or {}).get("filename", "")
    if response.status_code in (200, 304) and request.args.get("v") == mark_of(folder, filename):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def compress(response: Response) -> Response:
    """Compress a text for a browser that takes it so."""
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] > 0 or not _is_compressible(response):
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) >= WORTH:
        response.set_data(gzip.compress(content, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if etag := response.get_etag()[0]:
            response.set_etag(f"{etag}-gzip")
    return response


def _is_compressible(response: Response) -> bool:
    """Whether this is a whole text, and no part of a file or a stream."""
    whole = response.status_code == 200 and "Content-Encoding" not in response.headers
    return (
        whole
        and (response.mimetype or "").startswith(TEXTS)
        and not (response.is_streamed and not response.direct_passthrough)
    )
