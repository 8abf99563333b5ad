"""The error whose message is shown to people, in words they can act on."""

from __future__ import annotations


class Invalid(ValueError):
    """Unacceptable input; the message tells the person who entered it what is wrong."""
