"""Reading on where a row can't be read, for pages and lists that only show: one bad row hides nobody else's.

Within `reading_on`, a text that no key opens is read as the given words, a row with a value that this release does not
know is left out, and a row whose time zone no longer exists is read in UTC. Nothing of that is ever stored. Everything
else goes on to raise errors: whoever changes or sends something must not do so on a guess. The one exception is a
caller's turn or a duty of the scheduler that reads past a few texts around a help text (`bad_rows`): a name that is
lost must not keep it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Enum, event, func, or_, select
from sqlalchemy.orm import LoaderCriteriaOption, Mapper, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.attributes import set_committed_value

from smsgate.core import timezones


@dataclass
class Gaps:
    """Whether anything could not be read, and the words to show in its place."""

    words: Callable[[str], str]  # for a sealed column's purpose
    only: frozenset[str] = frozenset()  # the tables and sealed columns to read past; empty: all, and lost time zones
    found: bool = False

    def covers(self, what: str) -> bool:
        """Return whether this may be read past: a table, or a sealed column's purpose."""
        return not self.only or what in self.only


class Unread(str):
    """The words in place of a text that could not be read, on a page or in a list."""

    __slots__ = ()


_here: ContextVar[Gaps | None] = ContextVar("gaps", default=None)


@contextmanager
def reading_on(words: Callable[[str], str], only: frozenset[str] = frozenset()) -> Iterator[Gaps]:
    """Read on past what can't be read, within the block; `words` stand for a text. See `Gaps.only`."""
    gaps = Gaps(words, only)
    before = _here.set(gaps)
    try:
        yield gaps
    finally:
        _here.reset(before)


def in_place(purpose: str) -> str | None:
    """Return the words for a sealed text that could not be read, and note that there is one; None if there are none."""
    gaps = _here.get()
    if gaps is None or not gaps.covers(purpose):
        return None
    gaps.found = True
    words = gaps.words(purpose)
    return words if gaps.only else Unread(words)  # a turn's session stores plain texts only


def found_here() -> bool:
    """Return whether something could not be read so far, within `reading_on`."""
    gaps = _here.get()
    return gaps is not None and gaps.found


def prepare(session: Session) -> None:
    """Let a session read on, if it is opened within `reading_on`."""
    if (gaps := _here.get()) is not None:
        event.listen(session, "do_orm_execute", partial(_leave_out_unknown, gaps))
        if not gaps.only:
            event.listen(session, "loaded_as_persistent", lambda _session, row: _know_its_zone(row, gaps))


@contextmanager
def applied_to(session: Session, gaps: Gaps) -> Iterator[None]:
    """Let a session that was opened before read on within the block."""
    listener = partial(_leave_out_unknown, gaps)
    event.listen(session, "do_orm_execute", listener)
    try:
        yield
    finally:
        event.remove(session, "do_orm_execute", listener)


def _leave_out_unknown(gaps: Gaps, state: ORMExecuteState) -> None:
    if not state.is_select or state.bind_mapper is None:
        return
    for mapper in state.bind_mapper.registry.mappers:
        for column in mapper.local_table.columns:
            if isinstance(column, Column) and _is_enum(column) and gaps.covers(column.table.name):
                state.statement = state.statement.options(_only_known(mapper, column))
                gaps.found = gaps.found or (mapper in state.all_mappers and _holds_unknown(state.session, column))


def _is_enum(column: Column[Any]) -> bool:
    return isinstance(column.type, Enum) and column.type.enum_class is not None


def _only_known(mapper: Mapper[Any], column: Column[Any]) -> LoaderCriteriaOption:
    attribute = getattr(mapper.class_, mapper.get_property_by_column(column).key)
    return with_loader_criteria(mapper.class_, _known(attribute), include_aliases=True)


def _known(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(column.is_(None), column.in_(list(column.type.enum_class)))  # type: ignore[attr-defined]


def _holds_unknown(session: Session, column: Column[Any]) -> bool:
    return bool(session.connection().scalar(select(func.count()).where(~_known(column))))


def _know_its_zone(row: object, gaps: Gaps) -> None:
    zone = getattr(row, "zone", None)
    if isinstance(zone, str) and timezones.existing(zone) is None:
        set_committed_value(row, "zone", "UTC")
        gaps.found = True
