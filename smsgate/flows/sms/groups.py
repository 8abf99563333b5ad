"""Texts about groups: invitations, changes, removal, starting one, and texts to and between leaders."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import _, say_when


def group_invitation(code: str, group: str, name: str) -> str:
    """To a number that a leader invites; `name` is "" unless the group lets its name be shown."""
    dial = code_below(code, group)
    if name:
        said = _("You are invited to join {name}. If you like, dial {dial} or reply JOIN {group}. If not, ignore this. No more texts: STOP")  # fmt: skip # noqa: E501
        return said.format(name=name, dial=dial, group=group)
    said = _("You are invited to join a group. If you like, dial {dial} or reply JOIN {group}. If not, just ignore this. No more texts: STOP")  # fmt: skip # noqa: E501
    return said.format(dial=dial, group=group)


def code_changed(group: str, dial: str) -> str:
    """To members of a group whose code has changed; `group` is "" to be discreet."""
    if group:
        return _("{group} has a new code: dial {dial}. The old one still works.").format(group=group, dial=dial)
    return _("One of your groups has a new code: dial {dial}. The old one still works.").format(dial=dial)


def zone_changed(when: datetime, city: str, group: str, code: str) -> str:
    """To members of a group whose time zone has changed, with its next meeting; `group` is "" to be discreet."""
    if group:
        said = _("{group} now goes by the time of {city}. Next: {when}. More: dial {code}")
        return said.format(group=group, city=city, when=say_when(when), code=code)
    said = _("Times are now those of {city}. Next: {when}. More: dial {code}")
    return said.format(city=city, when=say_when(when), code=code)


def taken_out(code: str) -> str:
    """To a member whom an admin removed from a group; names no group."""
    return _("You're no longer in one of your groups. Everything else stays as it is: dial {code}").format(code=code)


def start_answer(words: str, code: str) -> str:
    """To someone who asked about starting a group, which it does not mention: the answer of the network's admins."""
    said = _("About your question: {words} To write again, dial {code}.")
    return said.format(words=_ended(words), code=code)


def asked_the_network() -> str:
    """To an admin of the network: somebody would like to start a group; does not say so."""
    return _("A new question waits for the network. Sign in to the console to read and answer it.")


def to_all_leaders(words: str) -> str:
    """To everybody who leads a group: a notice from the network."""
    return _("To all leaders: {words}").format(words=words)


def from_leader(name: str, words: str, code: str) -> str:
    """To a leader on the list of leaders, from another leader; names no group."""
    return _("From {name}, a leader: {words} To answer: {code}").format(name=name, words=_ended(words), code=code)


def _ended(words: str) -> str:
    """Return the words, ended as a sentence to set them apart from what follows."""
    return words if words.endswith((".", "!", "?")) else f"{words}."
