"""The network's lists of areas and languages: reading and editing them, and importing areas from a CSV file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.database import insert_new
from smsgate.core.errors import Invalid
from smsgate.flows.typed.letters import fold
from smsgate.groups import csv_rows
from smsgate.models import LONGEST_AREA, LONGEST_LANGUAGE, Area, SpokenLanguage

MOST_AREAS, MOST_LANGUAGES = 3000, 60


@dataclass(frozen=True)
class County:
    """A top-level area with its towns, by name."""

    area: Area
    towns: list[Area] = field(default_factory=list)


@dataclass
class ImportedAreas:
    """The result of an import: how many areas are new, how many existed, and (row, what is wrong)."""

    added: int = 0
    known: int = 0
    wrong: list[tuple[int, str]] = field(default_factory=list)


def by_name(name: str) -> str:
    """Return the sort key of a name, which ignores accents and case."""
    return fold(name)


def counties(session: Session) -> list[County]:
    """Return all areas, by name."""
    areas = sorted(session.scalars(select(Area)), key=lambda area: by_name(area.name))
    found = {area.id: County(area) for area in areas if area.parent_id is None}
    for area in areas:
        if area.parent_id is not None:
            found[area.parent_id].towns.append(area)
    return list(found.values())


def area_labels(session: Session) -> dict[int, str]:
    """Return every area's name by id, a town's with its county: `Naivasha, Nakuru`."""
    labels = {}
    for county in counties(session):
        labels[county.area.id] = county.area.name
        labels |= {town.id: f"{town.name}, {county.area.name}" for town in county.towns}
    return labels


def add_area(session: Session, name: str, parent_id: int | None = None) -> Area:
    """Add a county, or a town in one, and return it; return the existing one with that name, if any. Raises Invalid."""
    name = checked_name(name, LONGEST_AREA)
    parent = session.get(Area, parent_id) if parent_id else None
    if parent_id and (parent is None or parent.parent_id is not None):
        raise Invalid(_("A town belongs to a county."))
    if found := _sibling(session, name, parent_id):
        return found
    if (session.scalar(select(func.count()).select_from(Area)) or 0) >= MOST_AREAS:
        raise Invalid(_("There can be at most {most} areas.").format(most=MOST_AREAS))
    session.execute(insert_new(session, Area).values(name=name, parent_id=parent_id))
    found = _sibling(session, name, parent_id)
    if found is None:
        raise Invalid(_("Another area already has this name."))
    return found


def rename_area(session: Session, area: Area, name: str) -> None:
    """Rename an area. Raises Invalid."""
    name = checked_name(name, LONGEST_AREA)
    if _sibling(session, name, area.parent_id) not in (None, area):
        raise Invalid(_("Another area already has this name."))
    area.name = name


def remove_area(session: Session, area: Area) -> None:
    """Remove an area with its towns; groups in it have no area then."""
    session.delete(area)


def import_areas(session: Session, text: str) -> ImportedAreas:
    """Add the areas in a CSV with rows of a county and optionally a town. Existing areas stay as they are."""
    lines = text.splitlines()
    result = ImportedAreas()
    stands = counties(session)
    known = {(fold(county.area.name), ""): county.area.id for county in stands}
    known |= {(fold(county.area.name), fold(town.name)): town.id for county in stands for town in county.towns}
    for row in csv_rows.rows(lines, csv_rows.delimiter(lines)):
        if row.number == 1 and fold(row.cells[0] if row.cells else "") in HEADINGS:
            continue
        try:
            _import_row(session, row.cells, known, result)
        except Invalid as error:
            result.wrong.append((row.number, str(error)))
    return result


HEADINGS = ("county", "area", "region", "kaunti", "eneo", "comte", "departement")


def _import_row(session: Session, cells: list[str], known: dict[tuple[str, str], int], result: ImportedAreas) -> None:
    county, town = [" ".join(cell.split()) for cell in [*cells, ""][:2]]
    county_key, town_key = (fold(county), ""), (fold(county), fold(town))
    if county_key not in known:
        known[county_key] = add_area(session, county).id
        result.added += 1
    elif not town:
        result.known += 1
    if town and town_key not in known:
        known[town_key] = add_area(session, town, known[county_key]).id
        result.added += 1
    elif town:
        result.known += 1


def languages(session: Session, *, lock: bool = False) -> list[SpokenLanguage]:
    """Return the network's languages, by name; `lock` locks their rows, to change them."""
    rows = select(SpokenLanguage).order_by(SpokenLanguage.id)
    return sorted(
        session.scalars(rows.with_for_update() if lock else rows), key=lambda language: by_name(language.name)
    )


def set_languages(session: Session, names: Iterable[str]) -> None:
    """Replace the list of languages; those that stay keep the groups that speak them. Raises Invalid."""
    wanted = {fold(name): name for name in (checked_name(name, LONGEST_LANGUAGE) for name in names if name.strip())}
    if len(wanted) > MOST_LANGUAGES:
        raise Invalid(_("There can be at most {most} languages.").format(most=MOST_LANGUAGES))
    for language in languages(session):
        name = wanted.pop(fold(language.name), None)
        if name is None:
            session.delete(language)
        else:
            language.name = name
    for name in wanted.values():
        session.execute(insert_new(session, SpokenLanguage).values(name=name))


def checked_name(name: str, longest: int) -> str:
    """Return a name on one line; raise Invalid if it has a wrong length or characters that phones cannot show."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= longest:
        raise Invalid(_("A name must have 1 to {most} characters.").format(most=longest))
    if odd := gsm7.expensive_chars(gsm7.transliterate(name)):
        raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    return name


def _sibling(session: Session, name: str, parent_id: int | None) -> Area | None:
    """Return the area that already has this name at this level, or None."""
    siblings = session.scalars(
        select(Area).where(Area.parent_id.is_(None) if parent_id is None else Area.parent_id == parent_id)
    )
    return next((area for area in siblings if fold(area.name) == fold(name)), None)
