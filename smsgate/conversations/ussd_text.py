"""Extracts the newest input from the text of a USSD callback, and recognises repeated callbacks.

Most operators send all that was typed in the call, joined by `*`, so the newest input is what follows the text of the
turn before, and anything shorter is a late repeat. Some send the last input only: a setting says so, or we notice when
the second text does not begin with the first. Until then, the same text again counts as a repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import structlog

from smsgate.conversations.sessions import PhoneSession

log = structlog.get_logger()


class TextForm(StrEnum):
    """What an operator sends in each turn."""

    UNKNOWN = ""  # not known yet
    ALL = "all"  # all that was typed in the call
    LAST = "last"  # the last input only


Tag = Callable[[str], str]  # distinguishes texts, and reveals nothing about them


def begin(phone_session: PhoneSession, text: str, tag: Tag, form: str) -> None:
    """Note the first text of a call."""
    known = TextForm.LAST if form == TextForm.LAST else TextForm.ALL if "*" in text else TextForm.UNKNOWN
    phone_session.text_form = known
    _note(phone_session, text, tag)


def take_input(phone_session: PhoneSession, text: str, tag: Tag) -> str | None:
    """Return the newest input; None for a repeat of this turn or an earlier one, which changes nothing."""
    typed = _newest(phone_session, text, tag)
    if typed is not None:
        _note(phone_session, text, tag)
    return typed


def _note(phone_session: PhoneSession, text: str, tag: Tag) -> None:
    phone_session.text_length, phone_session.text_tag = len(text), tag(text)


def _newest(phone_session: PhoneSession, text: str, tag: Tag) -> str | None:
    if phone_session.text_form == TextForm.LAST:
        return text
    known = phone_session.text_length
    if not text or (len(text) == known and tag(text) == phone_session.text_tag):
        return None
    if not known:
        return text
    if text[known : known + 1] == "*" and tag(text[:known]) == phone_session.text_tag:
        phone_session.text_form = TextForm.ALL
        return text[known + 1 :]
    if phone_session.text_form == TextForm.ALL or (len(text) > known and "*" in text):
        return text.rpartition("*")[2] if len(text) > known else None
    phone_session.text_form = TextForm.LAST
    log.warning("ussd_last_input_only", do="set SMSGATE_USSD_TEXT=last if this operator sends only the last input")
    return text
