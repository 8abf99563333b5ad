"""The markers by which the console's texts are collected into its catalogue, and translated."""

from __future__ import annotations

from smsgate.core.admin_text import _, ngettext

__all__ = ["_", "ngettext"]
