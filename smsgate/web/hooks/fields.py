"""Strict reading of a callback's form fields: each given once, bounded in length, valid UTF-8 and printable."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import Request

LIMITS = {
    "sessionId": 100, "phoneNumber": 30, "serviceCode": 40, "networkCode": 12, "text": 4000, "from": 30, "to": 30,
    "id": 100, "status": 40, "failureReason": 60, "date": 40, "linkId": 100, "senderId": 30, "input": 4000,
    "isActive": 4, "direction": 20, "callerNumber": 30,
}  # fmt: skip
MOST_FIELDS = 50


class BadField(ValueError):
    """A field is missing, repeated, too long or unreadable; the message names the field but never shows its content."""


class Form:
    """The fields of one callback, parsed strictly: Flask would silently replace bytes that are not UTF-8."""

    def __init__(self, request: Request) -> None:
        try:
            body = request.get_data(cache=False).decode("ascii")
            self._values = parse_qs(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            raise BadField("the form is not URL-encoded UTF-8") from None

    def __call__(self, name: str, *, default: str | None = None) -> str:
        """Return the value of `name`; raise BadField if it is invalid, or missing or blank without a default."""
        values = self._values.get(name, [])
        if not values and default is not None:
            return default
        if len(values) != 1:
            raise BadField(f"{name}: given {len(values)} times")
        value = values[0]
        if len(value) > LIMITS[name]:
            raise BadField(f"{name}: too long")
        readable = value if value.isprintable() else _readable(value)
        if default is None and not readable.strip():
            raise BadField(f"{name}: empty")
        return readable


def _readable(value: str) -> str:
    return "".join(char for char in value if char.isprintable() or char == "\n")
