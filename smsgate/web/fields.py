"""Reading a callback's fields: each once, of a sane length, printable."""

from __future__ import annotations

from flask import request

LIMITS = {
    "sessionId": 100, "phoneNumber": 30, "serviceCode": 40, "networkCode": 12, "text": 2000, "from": 30, "to": 30,
    "id": 100, "status": 40, "failureReason": 60, "date": 40, "linkId": 100, "senderId": 30, "input": 4000,
}  # fmt: skip


class BadField(ValueError):
    """A field is missing, repeated, overlong or unreadable; the text names it and shows nothing of it."""


def field(name: str, *, default: str | None = None) -> str:
    """The one value of `name`; raises BadField. A field without a default has to be there and say something."""
    values = request.form.getlist(name)
    if not values and default is not None:
        return default
    if len(values) != 1:
        raise BadField(f"{name}: given {len(values)} times")
    value = values[0]
    if len(value) > LIMITS[name]:
        raise BadField(f"{name}: too long")
    if "\ufffd" in value:
        raise BadField(f"{name}: not UTF-8")
    readable = value if value.isprintable() else "".join(char for char in value if char.isprintable() or char == "\n")
    if not readable.strip() and default is None:
        raise BadField(f"{name}: empty")
    return readable
