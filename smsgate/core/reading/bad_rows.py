"""Work that meets a row that can't be read: done once more without it, so that it keeps back nobody's help text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from smsgate.core.encryption import WrongKey
from smsgate.core.reading import gaps

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
        with gaps.reading_on(_nothing, READ_PAST):
            done = work()
        log.error("turn_past_bad_row", error=type(error).__name__)
        return done


def each_past_bad_rows(session: Session, work: Callable[[Sequence[int]], object]) -> Callable[[Sequence[int]], None]:
    """Return the same for the `work` of a duty on some of its rows, within the session of all duties."""

    def past(ids: Sequence[int]) -> None:
        try:
            with session.begin_nested():
                work(ids)
        except (WrongKey, LookupError) as error:
            with gaps.reading_on(_nothing, READ_PAST) as here, gaps.applied_to(session, here):
                work(ids)
                session.flush()
            session.expire_all()  # what comes next in this session must not take these gaps for what is stored
            log.error("duty_past_bad_row", error=type(error).__name__)

    return past


def _nothing(_purpose: str) -> str:
    return ""
