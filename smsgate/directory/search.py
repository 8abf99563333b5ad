"""Finding listed groups by area, first letters or language; shows only what a stranger may see.

A network has hundreds of groups, few enough to read all matches in one query and sort them here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from smsgate.core import timezones
from smsgate.core.i18n import SOURCE
from smsgate.directory.areas import by_name
from smsgate.flows.actions.results import AreaSeen, DirectorySeen, FoundSeen, ListedSeen, PageSeen, PlaceSeen, SaidSeen
from smsgate.flows.typed.keypad import begins_with
from smsgate.groups import join_requests
from smsgate.models import (
    Area,
    Group,
    Listing,
    ListingLanguage,
    ListingOpenTo,
    Meeting,
    Member,
    OpenTo,
    SpokenLanguage,
)

Columns = TypeVarTuple("Columns")
FOUND_MOST = 200  # groups in one result; further ones can be found in other ways
IS_LISTED = and_(Group.listed, Group.closed_at.is_(None))
_County = aliased(Area)


def ways(session: Session) -> DirectorySeen:
    """Return which ways of searching lead to any group."""
    listed = select(Listing.id).join(Group, Group.id == Listing.group_id).where(IS_LISTED)
    in_area, by_phone = listed.where(Listing.area_id.is_not(None)), listed.where(Listing.by_phone)
    spoken = listed.join(ListingLanguage, ListingLanguage.listing_id == Listing.id)
    there = session.execute(select(exists(in_area.subquery()), exists(spoken.subquery()), exists(by_phone.subquery())))
    areas, languages, phone = there.one()
    return {"areas": bool(areas), "languages": bool(languages), "by_phone": bool(phone)}


def counties_with_groups(session: Session, language_id: int | None = None) -> list[PlaceSeen]:
    """Return the counties that have listed groups, themselves or in their towns, by name."""
    county_id = func.coalesce(Area.parent_id, Area.id)
    counted = select(county_id.label("id"), func.count().label("groups"), func.count(Area.id.distinct()).label("towns"))
    inside = _in_areas(counted, language_id).group_by(county_id).subquery()
    rows = select(Area.id, Area.name, inside.c.groups, inside.c.towns).join(inside, inside.c.id == Area.id)
    return _places_seen(session.execute(rows).all())


def towns_with_groups(session: Session, county_id: int, language_id: int | None = None) -> list[PlaceSeen]:
    """Return the towns in a county that have listed groups, and the county itself if some groups name no town."""
    here = or_(Area.parent_id == county_id, Area.id == county_id)
    rows = _in_areas(select(Area.id, Area.name, func.count(), literal(1)), language_id)
    return _places_seen(session.execute(rows.where(here).group_by(Area.id, Area.name)).all())


def places_with_groups(session: Session, language_id: int | None = None) -> list[PlaceSeen]:
    """Return the areas that have listed groups, by name; towns with the same name are shown with their county."""
    rows = _in_areas(select(Area.id, Area.name, func.count(), _County.name), language_id)
    rows = rows.outerjoin(_County, _County.id == Area.parent_id).group_by(Area.id, Area.name, _County.name)
    found = session.execute(rows).all()
    alike = Counter(name for _id, name, _groups, _county in found)
    return _places_seen(
        (number, f"{name}, {county}" if county and alike[name] > 1 else name, groups, 1)
        for number, name, groups, county in found
    )


def _in_areas(what: Select[*Columns], language_id: int | None) -> Select[*Columns]:
    listed = what.select_from(Listing).join(Group, Group.id == Listing.group_id).join(Area, Area.id == Listing.area_id)
    return listed.where(IS_LISTED, *_speak(language_id))


def _places_seen(rows: Iterable[Sequence[Any]]) -> list[PlaceSeen]:
    """Return places from (id, name, number of groups, number of towns), by name."""
    in_order = sorted(rows, key=lambda row: by_name(row[1]))
    return [{"id": number, "name": name, "groups": groups, "towns": towns} for number, name, groups, towns in in_order]


def _areas_seen(areas: Iterable[Area | SpokenLanguage], *, whole: bool = False) -> list[AreaSeen]:
    by_their_names = sorted(areas, key=lambda area: by_name(area.name))
    return [{"id": area.id, "name": area.name, "all": whole} for area in by_their_names]


def languages_spoken(session: Session) -> list[AreaSeen]:
    """Return the languages that listed groups say they speak, by name."""
    spoken = select(ListingLanguage.language_id).join(Listing, Listing.id == ListingLanguage.listing_id)
    ids = spoken.join(Group, Group.id == Listing.group_id).where(IS_LISTED)
    return _areas_seen(session.scalars(select(SpokenLanguage).where(SpokenLanguage.id.in_(ids))))


def groups_listed(
    session: Session, now: datetime, *, area_id: int | None = None, only_here: bool = False,
    language_id: int | None = None, by_phone: bool = False,
) -> list[ListedSeen]:  # fmt: skip
    """Return listed groups, next to meet first, then by name; an area includes its towns unless `only_here`."""
    where = matching(area_id, language_id, only_here=only_here)
    if by_phone:
        where.append(Listing.by_phone.is_(True))
    return listed(session, where, now)[:FOUND_MOST]


def matching(area_id: int | None, language_id: int | None, *, only_here: bool = False) -> list[ColumnElement[bool]]:
    """Return conditions on Listing and its Area for groups in an area, including its towns, and with a language."""
    where = _speak(language_id)
    if area_id is not None:
        inside = Listing.area_id == area_id if only_here else or_(Listing.area_id == area_id, Area.parent_id == area_id)
        where.append(inside)
    return where


def _speak(language_id: int | None) -> list[ColumnElement[bool]]:
    if language_id is None:
        return []
    speaks = (ListingLanguage.listing_id == Listing.id, ListingLanguage.language_id == language_id)
    return [exists(ListingLanguage.id).where(*speaks)]


def by_letters(session: Session, typed: str, now: datetime) -> FoundSeen:
    """Return areas and groups whose names begin as typed; a county stands for all its areas that have groups."""
    inside: dict[int, list[Area]] = {}
    for area in session.scalars(select(Area).where(Area.id.in_(_in_areas(select(Area.id), None)))):
        inside.setdefault(area.parent_id or area.id, []).append(area)
    single = [area for areas in inside.values() for area in areas if begins_with(area.name, typed)]
    whole: list[Area] = []
    for county in session.scalars(select(Area).where(Area.id.in_(inside))):
        if begins_with(county.name, typed):
            several = len(inside[county.id]) > 1
            (whole if several else single).append(county if several else inside[county.id][0])
    single = [area for area in dict.fromkeys(single) if area not in whole]
    areas = [*_areas_seen(single), *_areas_seen(whole, whole=True)]
    return {"areas": areas, "groups": _named(session, typed, {one["id"] for one in areas}, now)}


def _named(session: Session, typed: str, area_ids: set[int], now: datetime) -> list[ListedSeen]:
    """Return groups whose names begin as typed, except in areas that are shown anyway."""
    rows = (
        select(Group.id, Group.name, Listing.area_id, Area.parent_id)
        .outerjoin(Listing, Listing.group_id == Group.id)
        .outerjoin(Area, Area.id == Listing.area_id)
        .where(IS_LISTED)
    )
    ids = [
        group_id
        for group_id, name, area_id, county_id in session.execute(rows)
        if not {area_id, county_id} & area_ids and begins_with(name, typed)
    ]
    return listed(session, [Group.id.in_(ids)], now)[:FOUND_MOST] if ids else []


def listed(session: Session, where: list[ColumnElement[bool]], now: datetime) -> list[ListedSeen]:
    """Return the listed groups that meet these conditions, next to meet first, then by name."""
    upcoming = (Meeting.group_id == Group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    starts = select(func.min(Meeting.starts_at)).where(*upcoming).correlate(Group).scalar_subquery()
    rows = (
        select(Group.id, Group.name, Group.zone, Listing.shows_next, starts.label("starts_at"))
        .outerjoin(Listing, Listing.group_id == Group.id)
        .outerjoin(Area, Area.id == Listing.area_id)
        .where(IS_LISTED, *where)
    )
    found: list[ListedSeen] = [
        {"id": row.id, "name": row.name, "next": _local(row.starts_at, row.zone) if row.shows_next else ""}
        for row in session.execute(rows)
    ]
    return sorted(found, key=lambda one: (not one["next"], one["next"], by_name(one["name"])))


def _local(starts_at: datetime | None, zone: str) -> str:
    """Return the start of a meeting in its group's zone, in ISO format without offset; "" for none or no such zone."""
    local = timezones.existing(zone) if starts_at else None
    return starts_at.astimezone(local).replace(tzinfo=None).isoformat() if starts_at and local else ""


def page_of(session: Session, group_id: int, member: Member | None, language: str, now: datetime) -> PageSeen | None:
    """Return what a listed group says about itself, in `language` where it can; None if it is not listed."""
    return next(iter(pages_of(session, [group_id], member, language, now)), None)


def pages_of(
    session: Session, group_ids: list[int], member: Member | None, language: str, now: datetime
) -> list[PageSeen]:
    """Return what the listed ones of these groups say about themselves, in this order; one query for each part."""
    groups = {group.id: group for group in session.scalars(select(Group).where(Group.id.in_(group_ids), IS_LISTED))}
    shown = [groups[number] for number in group_ids if number in groups]
    listings = {one.group_id: one for one in session.scalars(select(Listing).where(Listing.group_id.in_(groups)))}
    parts = _Parts(session, [listing.id for listing in listings.values()])
    next_ones = _next_meetings(session, list(groups), now)
    return [
        {**seen, **_said(group, listings.get(group.id) or Listing(group_id=group.id), parts, next_ones, language)}
        for group, seen in zip(shown, join_requests.group_results(session, shown, member), strict=True)
    ]


class _Parts:
    """The languages of listings and whom they are for, by listing id, and the names of their areas, by area id."""

    def __init__(self, session: Session, listing_ids: list[int]) -> None:
        self.languages, self.open_to = defaultdict[int, list[str]](list), defaultdict[int, list[OpenTo]](list)
        spoken = select(ListingLanguage.listing_id, SpokenLanguage.name).join(
            SpokenLanguage, SpokenLanguage.id == ListingLanguage.language_id
        )
        for listing_id, name in session.execute(spoken.where(ListingLanguage.listing_id.in_(listing_ids))):
            self.languages[listing_id].append(name)
        meant = select(ListingOpenTo.listing_id, OpenTo).join(OpenTo, OpenTo.id == ListingOpenTo.open_to_id)
        rows = meant.where(ListingOpenTo.listing_id.in_(listing_ids)).order_by(OpenTo.position, OpenTo.id)
        for listing_id, one in session.execute(rows):
            self.open_to[listing_id].append(one)
        areas = select(Area.id, Area.name, _County.name).outerjoin(_County, _County.id == Area.parent_id)
        named = areas.join(Listing, Listing.area_id == Area.id).where(Listing.id.in_(listing_ids))
        self.areas = {
            number: town if county in (None, town) else f"{town}, {county}"
            for number, town, county in session.execute(named)
        }


def _next_meetings(session: Session, group_ids: list[int], now: datetime) -> dict[int, tuple[datetime, str]]:
    """Return the start and place of each group's next meeting, by group id."""
    upcoming = (Meeting.group_id.in_(group_ids), Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    rows = select(Meeting.group_id, Meeting.starts_at, Meeting.place).where(*upcoming)
    latest_first = rows.order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    return {group_id: (start, place or "") for group_id, start, place in session.execute(latest_first)}


def _said(
    group: Group, listing: Listing, parts: _Parts, next_ones: dict[int, tuple[datetime, str]], language: str
) -> SaidSeen:
    meeting = next_ones.get(group.id) if listing.shows_next else None
    return {
        "area": parts.areas.get(listing.area_id or 0, ""),
        "by_phone": bool(listing.by_phone),
        "languages": sorted(parts.languages.get(listing.id, []), key=by_name),
        "open_to": [in_language(one.words, language) for one in parts.open_to.get(listing.id, [])],
        "meets": in_language(listing.meets or {}, language),
        "next": _local(meeting[0], group.zone) if meeting else "",
        "place": meeting[1] if meeting and listing.shows_place else "",
    }


def in_language(words: dict[str, str], language: str) -> str:
    """Return words in a language, else in English, else in any; "" if there are none."""
    return words.get(language) or words.get(SOURCE) or next(iter(words.values()), "")
