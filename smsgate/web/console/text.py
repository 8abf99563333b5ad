"""Translation of the texts of the console: the markers that its catalogue is collected by."""

from __future__ import annotations

from smsgate.core.admin_text import _, ngettext

__all__ = ["_", "ngettext"]
