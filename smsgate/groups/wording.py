"""A group's own wording of the service's texts, by version, and who reads which.

A version is the id of a row of `rewordings` and stands for everything the group had worded by then. So a session ends
in the words it began in, and a version that was read once can be cached. Members of one group read its words;
members of several, and those whose PIN hides that they are in a group at all, read the service's own wherever a text
does not come from one group.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Select, case, exists, func, select
from sqlalchemy.orm import Session, object_session

from smsgate.core.i18n import NO_WORDING, Wording, speaking
from smsgate.models import CustomText, Group, Member, Membership, Pin

MOST_KEPT = 200  # versions cached in memory
_cache: WeakKeyDictionary[Engine, dict[int, Wording]] = WeakKeyDictionary()


def wording_at(session: Session, version: int) -> Wording:
    """The wording of a version, read from the database once and then cached in the process; none for 0."""
    if not version:
        return NO_WORDING
    cached = _cache.setdefault(session.get_bind().engine, {})
    if version not in cached:
        if len(cached) >= MOST_KEPT:
            cached.clear()
        cached[version] = _read_version(session, version)
    return cached[version]


def _read_version(session: Session, version: int) -> Wording:
    group = select(CustomText.group_id).where(CustomText.id == version).scalar_subquery()
    rows = select(CustomText).where(CustomText.group_id == group, CustomText.id <= version).order_by(CustomText.id)
    wording: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in session.scalars(rows):
        if row.words:
            wording[row.language, row.text] = tuple(row.words)
        else:
            wording.pop((row.language, row.text), None)
    return wording


def wording_of_only_group() -> Select[tuple[int]]:
    """Select, beside a query of `Member`, the wording version of a member's only group; 0 if in none or several."""
    return _only_version(Membership.member_id == Member.id).correlate(Member)


def wording_of_member(session: Session, member: Member | None) -> Wording:
    """The wording that a member reads in texts that do not come from one group; none where a PIN or a doubt guards."""
    if member is None or member.phone.doubted_at is not None:
        return NO_WORDING
    has_pin = exists().where(Pin.member_id == member.id)
    return wording_at(session, session.scalar(_only_version(Membership.member_id == member.id, ~has_pin)) or 0)


def _only_version(*conditions: ColumnElement[bool]) -> Select[tuple[int]]:
    version = case((func.count() == 1, func.max(Group.wording)), else_=0)
    return select(version).select_from(Membership).join(Group).where(*conditions, Group.closed_at.is_(None))


@contextmanager
def speaking_for(group: Group, language: str | None) -> Iterator[None]:
    """Speak `language` inside the block, in the wording of a group."""
    session = object_session(group)
    with speaking(language, wording_at(session, group.wording) if session else NO_WORDING):
        yield


@contextmanager
def speaking_of(member: Member, language: str | None) -> Iterator[None]:
    """Speak `language` inside the block, in the wording that a member reads: to them, or to their responders."""
    session = object_session(member)
    with speaking(language, wording_of_member(session, member) if session else NO_WORDING):
        yield
