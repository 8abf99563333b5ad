"""Groups in the directory, as a network's volunteers would enter them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.directory import areas, listing
from smsgate.directory.listing import ListingSettings
from smsgate.groups import groups
from smsgate.models import Group, Meeting, OpenTo, SpokenLanguage


def lists(
    session: Session, name: str, now: datetime, *, area: tuple[str, str] | None = None, speaks: tuple[str, ...] = (),
    open_to: tuple[str, ...] = (), meets: dict[str, str] | None = None, days: int = 0, place: str = "",
    by_phone: bool = False, by_approval: bool = False, on_web: bool = False,
) -> Group:  # fmt: skip
    """Create a listed group with these details; it meets in `days` days, or never if that is 0."""
    group = groups.create(session, name, "Africa/Nairobi", now, listed=True)
    group.by_approval = by_approval
    if days:
        start = (now + timedelta(days=days)).replace(hour=11, minute=0, second=0, microsecond=0)
        session.add(Meeting(group_id=group.id, starts_at=start, place=place or None, created_at=now))
    said = ListingSettings(
        area_id=_area(session, *area) if area else None, by_phone=by_phone, meets=meets or {}, shows_next=True,
        shows_place=bool(place), on_web=on_web,
        languages=[_language(session, language) for language in speaks],
        open_to=[one.id for one in session.scalars(select(OpenTo)) if one.words["en"] in open_to],
    )  # fmt: skip
    listing.apply(session, group, said)
    session.flush()
    return group


def _area(session: Session, county: str, town: str) -> int:
    above = areas.add_area(session, county)
    return areas.add_area(session, town, above.id).id if town else above.id


def _language(session: Session, name: str) -> int:
    if name not in {language.name for language in areas.languages(session)}:
        areas.set_languages(session, [*(language.name for language in areas.languages(session)), name])
    return session.scalars(select(SpokenLanguage.id).where(SpokenLanguage.name == name)).one()


def few_groups(session: Session, now: datetime) -> None:
    """Create a small network: groups in three towns of two counties, and one that meets by phone."""
    lists(
        session, "Sauti Zetu", now, area=("Nakuru", "Nakuru"), speaks=("Kiswahili",),
        open_to=("Women",), days=5, place="Library",
        meets={"en": "Every second Saturday at 2", "sw": "Jumamosi mbili kwa mwezi, saa 8", "fr": "Un samedi sur deux"},
    )  # fmt: skip
    lists(session, "Upendo", now, area=("Nakuru", "Nakuru"), speaks=("Kiswahili",), days=2, by_approval=True)
    lists(session, "Amani", now, area=("Nakuru", "Naivasha"), speaks=("Gikuyu",), days=9)
    lists(session, "Dala", now, area=("Kisumu", "Kisumu"), speaks=("Dholuo",), open_to=("Young people",), days=3)
    lists(session, "Pamoja", now, speaks=("English",), by_phone=True, days=1)
