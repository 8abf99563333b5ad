"""The directory on the web: off until the network turns it on, and only with groups that want to be there."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, TypedDict

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from smsgate.directory import search
from smsgate.directory.areas import area_labels, by_name
from smsgate.models import (
    Area,
    Group,
    Listing,
    ListingLanguage,
    PublicDirectory,
    SecurityEvent,
    SpokenLanguage,
    security_events,
)

PAGE_SIZE = 25  # groups, so that a page stays under 30 KB


class PublicGroup(TypedDict):
    """A group as the web page and its JSON show it: what it says about itself, and its code."""

    name: str
    code: str
    area: str
    by_phone: bool
    languages: list[str]
    open_to: list[str]
    meets: str
    next: str
    place: str
    by_approval: bool


class Wanted(NamedTuple):
    """Which groups to show; None means any."""

    area_id: int | None = None
    language_id: int | None = None


def is_shown(session: Session) -> bool:
    """Return whether the network shows its directory on the web."""
    return session.scalar(select(PublicDirectory.id).limit(1)) is not None


def show(session: Session, on: bool, now: datetime, *, by: int | None) -> None:
    """Turn the public page on or off, and record that in the network's log; `by` is a phone id."""
    if on == is_shown(session):
        return
    if on:
        session.add(PublicDirectory(since=now))
    else:
        session.execute(delete(PublicDirectory))
    event = SecurityEvent.DIRECTORY_SHOWN if on else SecurityEvent.DIRECTORY_HIDDEN
    security_events.record(session, event, now, by=by)


def groups(
    session: Session, wanted: Wanted, language: str, now: datetime, page: int = 1
) -> tuple[list[PublicGroup], bool]:
    """Return one page of the groups on the web, next to meet first, and whether there are more.

    Words are in `language` if a group has any in it. Pages count from 1.
    """
    ids = [one["id"] for one in search.listed(session, _on_web(wanted), now)]
    start, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    return _public(session, ids[start:end], language, now), len(ids) > end


def group(session: Session, code: str, language: str, now: datetime) -> PublicGroup | None:
    """Return the group on the web with this code; None if there is none."""
    found = search.listed(session, [*_on_web(Wanted()), Group.code == code], now)
    return next(iter(_public(session, [one["id"] for one in found], language, now)), None)


def areas(session: Session) -> list[tuple[int, str]]:
    """Return (id, name) of the areas with groups on the web: each county, followed by its towns."""
    rows = select(Area).join(Listing, Listing.area_id == Area.id).join(Group, Group.id == Listing.group_id)
    used = set(session.scalars(rows.where(*_on_web(Wanted())).distinct()))
    wanted = {area.id for area in used} | {area.parent_id for area in used}
    labels = area_labels(session)
    return [(number, label) for number, label in labels.items() if number in wanted]


def languages(session: Session) -> list[tuple[int, str]]:
    """Return (id, name) of the languages of groups on the web, by name."""
    rows = select(SpokenLanguage).join(ListingLanguage).join(Listing).join(Group, Group.id == Listing.group_id)
    used = session.scalars(rows.where(*_on_web(Wanted())).distinct())
    return sorted(((one.id, one.name) for one in used), key=lambda one: by_name(one[1]))


def _on_web(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [search.IS_LISTED, Listing.on_web.is_(True), *search.matching(wanted.area_id, wanted.language_id)]


def _public(session: Session, ids: list[int], language: str, now: datetime) -> list[PublicGroup]:
    codes = dict(session.execute(select(Group.id, Group.code).where(Group.id.in_(ids))).all())
    return [
        {
            "name": page["name"], "code": codes[page["id"]], "area": page["area"], "by_phone": page["by_phone"],
            "languages": page["languages"], "open_to": page["open_to"], "meets": page["meets"], "next": page["next"],
            "place": page["place"], "by_approval": page.get("by_approval", False),
        }
        for page in search.pages_of(session, ids, None, language, now)
    ]  # fmt: skip
