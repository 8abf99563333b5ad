"""Turns that meet a row that can't be read: done once more without it, so that it keeps back nobody's help text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from smsgate.core.encryption import WrongKey
from smsgate.core.reading import gaps
from smsgate.flows.help import texts

T = TypeVar("T")
log = structlog.get_logger()
# Names, numbers and words around a help text. A PIN that can't be read still guards, and no time is told on a guess.
READ_PAST = frozenset({
    "responders", "member.name", "responder.name", "phone.number", "help_text.words", "help_plan.helps",
    "help_plan.hinders", "help_plan.avoid", "help_plan.word",
})  # fmt: skip


def past_bad_rows(work: Callable[[], T]) -> T:
    """Do `work`, a transaction of its own; if a row can't be read, once more as if it were empty."""
    try:
        return work()
    except (WrongKey, LookupError) as error:
        with gaps.reading_on(_instead, READ_PAST):
            done = work()
        log.error("turn_past_bad_row", error=type(error).__name__)
        return done


def _instead(purpose: str) -> str:
    """Return the words in place of a text: those of a help text that nobody wrote, nothing for the rest."""
    return texts.standard() if purpose == "help_text.words" else ""
