"""Save bandwidth on slow connections: compress text, and let browsers cache the console's static files for a year.

A static file's address includes a hash of its content, `console.css?v=1f3a9c20`. When the content changes, so does
the address, and a browser never has to revalidate its copy.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import blake2s
from pathlib import Path

from flask import Flask, Response, request, url_for

A_YEAR = 31_536_000  # seconds
WORTH = 800  # bytes: anything smaller is one packet either way
TEXTS = ("text/", "application/json", "application/yaml", "image/svg+xml", "application/javascript")
STATIC = Path(__file__).parent / "static"


def add_versions(app: Flask, endpoint: str, folder: str) -> None:
    """Give templates `static_url(filename)`, the address of a static file with the hash of its content."""

    def static_url(filename: str) -> str:
        return url_for(endpoint, filename=filename, v=mark_of(folder, filename))

    app.context_processor(lambda: {"static_url": static_url})


@cache
def mark_of(folder: str, filename: str) -> str:
    """Return a hash of a file's content; the file is read once, since it never changes while a release runs."""
    return blake2s((STATIC / folder / filename).read_bytes(), digest_size=4).hexdigest()


def keep_static(response: Response, folder: str) -> None:
    """Let the browser cache a file for a year if the hash in the request is that of the current content."""
    filename = (request.view_args or {}).get("filename", "")
    if response.status_code in (200, 304) and request.args.get("v") == mark_of(folder, filename):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def compress(response: Response) -> Response:
    """Compress a text response if the browser accepts gzip."""
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
    """Return whether this is a complete text response, not a range of a file or a stream."""
    whole = response.status_code == 200 and "Content-Encoding" not in response.headers
    return (
        whole
        and (response.mimetype or "").startswith(TEXTS)
        and not (response.is_streamed and not response.direct_passthrough)
    )
