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


def tags() -> list[str]:
    """Return the pseudonyms of the numbers that have signed in with this browser, newest first."""
    try:
        kept = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=LASTS)
    except BadSignature:
        return []
    return [str(tag) for tag in kept][:MOST] if isinstance(kept, list) else []


def mark() -> str:
    """Return a pseudonym of this browser; it stays the same until someone signs in with it again."""
    return blake2s(request.cookies.get(COOKIE, "").encode(), digest_size=8).hexdigest()


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
