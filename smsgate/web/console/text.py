"""What the pages of the console say."""

from __future__ import annotations

from smsgate.core.admin_text import _, ngettext

__all__ = ["_", "ngettext"]
