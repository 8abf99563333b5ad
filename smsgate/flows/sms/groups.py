"""Texts about being in a group: an invitation to join one, and having been removed from one."""

from __future__ import annotations

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import _


def group_invitation(code: str, group: str, name: str) -> str:
    """To a number that a leader invites; `name` is "" unless the group lets its name be told."""
    dial = code_below(code, group)
    if name:
        said = _("You are invited to join {name}. If you like, dial {dial} or reply JOIN {group}. Else ignore this. No more texts: STOP")  # fmt: skip # noqa: E501
        return said.format(name=name, dial=dial, group=group)
    said = _("You are invited to join a group. If you like, dial {dial} or reply JOIN {group}. If not, just ignore this. No more texts: STOP")  # fmt: skip # noqa: E501
    return said.format(dial=dial, group=group)


def taken_out(code: str) -> str:
    """To a member whom an admin removed from a group; names no group."""
    return _("You are no longer in one of your groups. All else that you set up stays as it is: dial {code}").format(
        code=code
    )
