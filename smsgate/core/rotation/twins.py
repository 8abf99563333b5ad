"""Merges two rows that hold one value, sealed with two keys: references to either then lead to the row that stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table, UniqueConstraint, delete, select, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsgate.core.encryption import SealedForm


def merge(session: Session, tables: MetaData, table: Table, column: Column[Any], row_id: int, form: SealedForm) -> bool:
    """Merge a row into the one that holds `form`; False, with nothing changed, if there is none or the two conflict."""
    try:
        with session.begin_nested():
            kept = _twin(session, table, column, row_id, form)
            if kept is None:
                return False
            for child in _references(tables, table):
                session.execute(update(child.table).where(child == row_id).values({child: kept}))
            _fill_gaps(session, table, row_id, kept)
            session.execute(delete(table).where(table.c.id == row_id))
    except IntegrityError:  # two members with one number, say: a person decides
        return False
    return True


def _twin(session: Session, table: Table, column: Column[Any], row_id: int, form: SealedForm) -> int | None:
    """Return the id of the other row with this form, if it agrees in the other columns of the unique key."""
    own = select(table).where(table.c.id == row_id).subquery()
    keys = [
        key.columns for key in table.constraints if isinstance(key, UniqueConstraint) and column in set(key.columns)
    ]
    others = [other for key in keys for other in key if other is not column]
    same = [other == select(own.c[other.name]).scalar_subquery() for other in others]
    rows = select(table.c.id).where(type_coerce(column, LargeBinary) == form, table.c.id != row_id, *same)
    return session.scalar(rows)


def _references(tables: MetaData, table: Table) -> Iterator[Column[Any]]:
    for other in tables.sorted_tables:
        yield from (column for column in other.columns if any(key.references(table) for key in column.foreign_keys))


def _fill_gaps(session: Session, table: Table, row_id: int, kept: int) -> None:
    """Copy what only the row to be deleted holds into the one that stays: an opt-out on either holds for both."""
    raw = [type_coerce(column, LargeBinary) if _is_sealed(column) else column for column in table.columns]
    rows = {row[0]: row for row in session.execute(select(table.c.id, *raw).where(table.c.id.in_([row_id, kept])))}
    gaps = {
        column: SealedForm(old) if _is_sealed(column) else old
        for column, old, new in zip(table.columns, rows[row_id][1:], rows[kept][1:], strict=True)
        if new is None and old is not None
    }
    if gaps:
        session.execute(update(table).where(table.c.id == kept).values(gaps))


def _is_sealed(column: Column[Any]) -> bool:
    return hasattr(column.type, "purpose")
