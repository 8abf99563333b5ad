"""What the pages of the console say."""

from __future__ import annotations

from smsgate.words import _, ngettext

__all__ = ["_", "ngettext"]
