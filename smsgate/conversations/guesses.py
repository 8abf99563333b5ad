"""Limits the guessing of codes: after too many wrong ones from a number, every code is answered as a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from smsgate.flows.steps import Do
from smsgate.outbox import limits
from smsgate.outbox.limits import Cause, Caused

Opened = Callable[[], AbstractContextManager[Session]]


def may_guess(session: Session, number: str, now: datetime) -> bool:
    """Return whether to check a code that this E.164 number types."""
    return limits.has_room(session, Caused(Cause.GUESS, number), now)


def note_wrong(session: Session, number: str, now: datetime) -> None:
    """Note that an E.164 number typed a code that does not exist."""
    limits.take(session, Caused(Cause.GUESS, number), now)


def guarded(do: Do, number: str, now: datetime, reading: Opened, writing: Opened, run: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the result of an action; None, as for a wrong code, if it looks up a code after too many wrong ones."""
    code = do.action.code_guessed
    if code is None:
        return run()
    with reading() as session:
        if not may_guess(session, number, now):
            return None
    result = run()
    if result is None and do.action.is_last_look:
        with writing() as session:
            note_wrong(session, number, now)
    return result
