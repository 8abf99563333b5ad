"""What a person can be told went wrong, in words that they can act on."""

from __future__ import annotations


class Invalid(ValueError):
    """Something that a person gave cannot be so; the text says why, in their words."""
