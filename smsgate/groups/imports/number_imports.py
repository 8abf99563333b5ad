"""The import of a long file of numbers, from its arrival to its last invitation."""

from __future__ import annotations

import io
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, load_only

from smsgate.core.database import Database, wake_after_commit
from smsgate.groups import invitations, number_files
from smsgate.groups.number_columns import Column, Columns
from smsgate.groups.number_files import ParsedNumbers, Unreadable
from smsgate.models import Group, ImportStage, Lane, NumberImport
from smsgate.models.row_failures import DATABASE_TROUBLE

log = structlog.get_logger()

ROWS = 2_500  # read in one part; takes about half a second
INVITED = 500
FORGOTTEN_AFTER = timedelta(days=1)
IN_HAND = (ImportStage.READING, ImportStage.INVITING)
OPEN = (*IN_HAND, ImportStage.COLUMNS, ImportStage.READ)


def begin(session: Session, group: Group, content: bytes, language: str, now: datetime) -> NumberImport:
    """Accept a file, for workers to read."""
    one = NumberImport(
        group_id=group.id, content=_packed(content), language=language, began_at=now,
        all_rows=max(content.count(b"\n"), content.count(b"\r"), 1),
    )  # fmt: skip
    session.add(one)
    session.flush()
    wake_after_commit(session, Lane.BULK.value)
    return one


def choose_columns(session: Session, one: NumberImport, columns: Sequence[int]) -> None:
    """Have the file read again with these columns, counted from 0."""
    one.columns, one.found, one.done = " ".join(map(str, columns[:80])), None, 0
    one.stage, one.all_rows = ImportStage.READING, max(one.all_rows, 1)
    wake_after_commit(session, Lane.BULK.value)


def invite(session: Session, group: Group, one: NumberImport) -> int:
    """Have as many of its numbers invited as the group has room for; return how many."""
    count = min(len(found_in(one).numbers), invitations.room(session, group))
    one.stage, one.content, one.all_rows, one.done = ImportStage.INVITING, None, count, 0
    wake_after_commit(session, Lane.BULK.value)
    return count


def stop(one: NumberImport) -> None:
    """Stop an import: invitations already made stay, the remaining numbers are erased."""
    if one.stage in OPEN:
        one.stage, one.content, one.found = ImportStage.STOPPED, None, None


def open_imports(session: Session, group: Group) -> list[NumberImport]:
    """Return the group's unfinished imports, newest first."""
    rows = select(NumberImport).where(NumberImport.group_id == group.id, NumberImport.stage.in_(OPEN))
    return list(session.scalars(rows.order_by(NumberImport.id.desc())))


def found_in(one: NumberImport) -> ParsedNumbers:
    """Return what has been read so far."""
    if not one.found:
        return ParsedNumbers()
    data = json.loads(_unpacked(one.found))
    columns = data.pop("columns")
    for name in ("read", "offered"):
        columns[name] = tuple(Column(each["index"], each["name"], tuple(each["samples"])) for each in columns[name])
    return ParsedNumbers(**data, columns=Columns(**columns))


def wake_unfinished(session: Session) -> None:
    """Wake the workers if an import is in progress. Run by the scheduler."""
    if session.scalar(_in_hand().with_only_columns(NumberImport.id).limit(1)):
        wake_after_commit(session, Lane.BULK.value)


def forget_old(session: Session, now: datetime) -> None:
    """Delete imports a day after they began, and with them any trace that there was a file."""
    session.execute(delete(NumberImport).where(NumberImport.began_at < now - FORGOTTEN_AFTER))


def work_on_next(database: Database, countries: tuple[str, ...], now: datetime) -> bool:
    """Do the next part of the oldest import in progress; return False if there is none."""
    with database.reading() as session:
        without_content = load_only(NumberImport.stage, NumberImport.done)  # a lost key must not stop the bulk lane
        found = session.scalars(_in_hand().options(without_content).order_by(NumberImport.id).limit(1)).first()
    if found is None:
        return False
    try:
        with database.reading() as session:
            one = session.get_one(NumberImport, found.id)
        if one.stage is ImportStage.INVITING:
            _invite_part(database, one, now)
        elif one.stage is ImportStage.READING:  # a leader may have stopped it meanwhile
            _read_part(database, one, countries)
    except DATABASE_TROUBLE:
        raise
    except Exception as error:  # noqa: BLE001 - an unforeseen file must not hold up others, or texts
        log.error("number_import_failed", number_import=found.id, error=type(error).__name__)
        with database.transaction() as session:
            _take_over(session, found, _failed("unread"))
    return True


def _in_hand() -> Select[NumberImport]:
    return select(NumberImport).join(Group).where(NumberImport.stage.in_(IN_HAND), Group.closed_at.is_(None))


def _failed(reason: str) -> dict[str, object]:
    return {"stage": ImportStage.FAILED, "reason": reason, "content": None, "found": None}


def _read_part(database: Database, one: NumberImport, countries: tuple[str, ...]) -> None:
    """Read the next rows outside any transaction, as it takes long and others must be able to write meanwhile."""
    content, before = _unpacked(one.content or ""), found_in(one)
    done, reason = before.rows, ""
    try:
        if not done and not number_files.is_utf8(content):
            content = number_files.decoded(content).encode()
        most = ROWS if done < number_files.MOST_ROWS else None
        chosen = [int(each) for each in one.columns.split()]
        found = number_files.read(io.BytesIO(content), countries, chosen, before, most)
    except Unreadable as error:
        found, reason = ParsedNumbers(), error.reason
    values: dict[str, object] = {"found": _as_json(found), "done": found.rows, "stage": _stage_after(one, found, done)}
    if not done:
        values["content"] = _packed(content)
    if reason:
        values = _failed(reason)
    with database.transaction() as session:
        _take_over(session, one, values)


def _stage_after(one: NumberImport, found: ParsedNumbers, before: int) -> ImportStage:
    if not found.columns.sure and not one.columns:
        return ImportStage.COLUMNS
    return ImportStage.READING if found.rows - before == ROWS else ImportStage.READ


def _take_over(session: Session, one: NumberImport, values: dict[str, object]) -> bool:
    """Save a part; return False if another worker already has, or a leader has stopped the import."""
    as_it_was = (NumberImport.id == one.id, NumberImport.stage == one.stage, NumberImport.done == one.done)
    changed = update(NumberImport).where(*as_it_was).values(values).returning(NumberImport.id)
    return session.scalar(changed.execution_options(synchronize_session=False)) is not None


def _invite_part(database: Database, one: NumberImport, now: datetime) -> None:
    """Invite the next numbers in the same transaction that records the progress."""
    until = min(one.done + INVITED, one.all_rows)
    numbers, over = found_in(one).numbers[one.done : until], until >= one.all_rows
    ended = {"stage": ImportStage.DONE, "found": None} if over else {}
    with database.transaction() as session:
        if _take_over(session, one, {"done": until, **ended}):
            invitations.invite(session, session.get_one(Group, one.group_id), numbers, one.language, now)


def _as_json(found: ParsedNumbers) -> str:
    return _packed(json.dumps(asdict(found)).encode())


def _packed(content: bytes) -> str:
    return b64encode(zlib.compress(content, 3)).decode()


def _unpacked(packed: str) -> bytes:
    return zlib.decompress(b64decode(packed)) if packed else b""
