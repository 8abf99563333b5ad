"""Groups' own wordings of the service's texts, by version, and who reads which.

A version is the id of a row of `rewordings`, and stands for all of the group's wording up to that row. That way a
session ends in the words it began in, and versions can be cached. In texts that do not come from one group, members of
a single group read its wording; members of several, and those whose PIN hides that they are in a group, read the
service's own.
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
    """Return the wording of a version, read from the database once and then cached; 0 is the service's own."""
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
    """Select the wording version of a member's only group, within a query of `Member`; 0 if in none or several."""
    return _only_version(Membership.member_id == Member.id).correlate(Member)


def wording_of_member(session: Session, member: Member | None) -> Wording:
    """Return a member's wording for texts from no group; the service's own if a PIN is set or the number suspect."""
    if member is None or member.phone.doubted_at is not None:
        return NO_WORDING
    has_pin = exists().where(Pin.member_id == member.id)
    return wording_at(session, session.scalar(_only_version(Membership.member_id == member.id, ~has_pin)) or 0)


def _only_version(*conditions: ColumnElement[bool]) -> Select[tuple[int]]:
    version = case((func.count() == 1, func.max(Group.wording)), else_=0)
    return select(version).select_from(Membership).join(Group).where(*conditions, Group.closed_at.is_(None))


@contextmanager
def speaking_for(group: Group, language: str | None) -> Iterator[None]:
    """Use `language` and a group's wording inside the block."""
    session = object_session(group)
    with speaking(language, wording_at(session, group.wording) if session else NO_WORDING):
        yield


@contextmanager
def speaking_of(member: Member, language: str | None) -> Iterator[None]:
    """Use `language` and the wording that a member reads inside the block, for texts to them or their responders."""
    session = object_session(member)
    with speaking(language, wording_of_member(session, member) if session else NO_WORDING):
        yield
