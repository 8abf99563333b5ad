"""A network of 500 groups in 60 towns of Kenya's 47 counties, created in bulk for tests and benchmarks of finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from smsgate.models import Area, Group, Listing, ListingLanguage, Meeting, SpokenLanguage

COUNTIES = (
    "Baringo", "Bomet", "Bungoma", "Busia", "Elgeyo-Marakwet", "Embu", "Garissa", "Homa Bay", "Isiolo", "Kajiado",
    "Kakamega", "Kericho", "Kiambu", "Kilifi", "Kirinyaga", "Kisii", "Kisumu", "Kitui", "Kwale", "Laikipia", "Lamu",
    "Machakos", "Makueni", "Mandera", "Marsabit", "Meru", "Migori", "Mombasa", "Murang'a", "Nairobi", "Nakuru", "Nandi",
    "Narok", "Nyamira", "Nyandarua", "Nyeri", "Samburu", "Siaya", "Taita-Taveta", "Tana River", "Tharaka-Nithi",
    "Trans Nzoia", "Turkana", "Uasin Gishu", "Vihiga", "Wajir", "West Pokot",
)  # fmt: skip
TOWNS = {
    "Nakuru": ("Nakuru", "Naivasha", "Gilgil", "Molo"), "Kiambu": ("Kiambu", "Thika", "Ruiru", "Limuru"),
    "Kisumu": ("Kisumu", "Ahero"), "Machakos": ("Machakos", "Athi River"), "Kilifi": ("Kilifi", "Malindi", "Mtwapa"),
    "Kakamega": ("Kakamega", "Mumias"), "Uasin Gishu": ("Eldoret", "Burnt Forest"), "Meru": ("Meru", "Maua"),
}  # fmt: skip
NAMES = ("Tumaini", "Mind Empowerment Group", "Upendo", "Pamoja Tunaweza", "Sauti Zetu", "Amani", "Neema na Umoja")
LANGUAGES = ("Dholuo", "Gikuyu", "Kikamba")
SIZES = {"Nairobi": 80, "Mombasa": 40, "Kisumu": 25, "Nakuru": 25, "Eldoret": 20}  # groups; the other towns share 310


def build(session: Session, now: datetime) -> None:
    """Create the network: each group has an area, a language and, except for every ninth, an upcoming meeting."""
    session.execute(insert(SpokenLanguage), [{"name": name} for name in LANGUAGES])
    session.execute(insert(Area), [{"name": name, "parent_id": None} for name in COUNTIES])
    ids = {name: number for number, name in session.execute(select(Area.id, Area.name))}
    towns = [(town, ids[county]) for county in COUNTIES for town in TOWNS.get(county, (county,))]
    session.execute(insert(Area), [{"name": town, "parent_id": parent} for town, parent in towns])
    _groups(session, list(_places(session)), now)
    session.flush()


def _places(session: Session) -> Iterator[tuple[int, str]]:
    towns = session.execute(select(Area.id, Area.name).where(Area.parent_id.is_not(None)).order_by(Area.id)).all()
    share = 500 - sum(SIZES.values())
    others = len(towns) - len(SIZES)
    rest = iter(range(others))
    for number, name in towns:
        place = next(rest) if name not in SIZES else 0
        size = SIZES.get(name) or share // others + (place < share % others)
        yield from [(number, name)] * size


def _groups(session: Session, places: list[tuple[int, str]], now: datetime) -> None:
    rows = [
        {
            "name": f"{NAMES[n % len(NAMES)]} {town}"[:27].strip() + f" {n % 90}"[:3], "code": f"{10_000 + n}",
            "zone": "Africa/Nairobi", "listed": True, "created_at": now,
        }
        for n, (_area, town) in enumerate(places)
    ]  # fmt: skip
    session.execute(insert(Group), rows)
    ids = list(
        session.scalars(select(Group.id).where(Group.code.in_([row["code"] for row in rows])).order_by(Group.code))
    )
    session.execute(insert(Listing), [{"group_id": i, "area_id": a} for i, (a, _town) in zip(ids, places, strict=True)])
    listings = {row.group_id: row.id for row in session.execute(select(Listing.group_id, Listing.id))}
    spoken = list(session.scalars(select(SpokenLanguage.id).order_by(SpokenLanguage.id)))
    session.execute(
        insert(ListingLanguage),
        [{"listing_id": listings[i], "language_id": spoken[n % len(spoken)]} for n, i in enumerate(ids)],
    )
    meetings = [
        {"group_id": i, "starts_at": now + timedelta(days=n * 7 % 29 + 1, hours=n % 8), "created_at": now}
        for n, i in enumerate(ids)
        if n % 9
    ]
    session.execute(insert(Meeting), meetings)
