"""The error that is shown to a person, in words that they can act on."""

from __future__ import annotations


class Invalid(ValueError):
    """Input that is not acceptable; the message says why, in words meant for the person who gave it."""
