"""Browsers in which someone signed in on their own device; limits caused by strangers don't apply to them."""

from __future__ import annotations

from hashlib import blake2s

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "console_known"
LASTS = 180 * 24 * 3600  # seconds after the last sign-in
MOST = 5  # numbers per browser


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known browser")


def _kept() -> tuple[list[str], str]:
    """Return what the cookie holds and when it was signed; empty for a cookie that is not ours."""
    try:
        kept, at = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=LASTS, return_timestamp=True)
    except BadSignature:
        return [], ""
    return [str(tag) for tag in kept][:MOST] if isinstance(kept, list) else [], at.isoformat()


def tags() -> list[str]:
    """Return the pseudonyms of the numbers that have signed in with this browser, newest first."""
    return _kept()[0]


def mark() -> str:
    """Return a pseudonym of this browser; it stays the same until someone signs in with it again.

    It is made of what was signed: the same cookie can be written in many ways, each of which would get its own tries.
    """
    tags, at = _kept()
    return blake2s(" ".join((at, *tags)).encode(), digest_size=8).hexdigest()


def knows(tag: str) -> bool:
    """Return whether this number has signed in with this browser."""
    return tag in tags()


def remember(response: Response, tag: str) -> None:
    """Remember in a cookie that this number has signed in with this browser."""
    kept = [tag, *(one for one in tags() if one != tag)][:MOST]
    response.set_cookie(
        COOKIE, str(_serializer().dumps(kept)), max_age=LASTS, path="/console", httponly=True, samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
