"""What a group says about itself in the directory, as one value, read and saved together, as on its console page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.typed.plain_names import leads_elsewhere
from smsgate.models import Area, Group, Listing, ListingLanguage, ListingOpenTo, OpenTo, SpokenLanguage

LONGEST_MEETS = 40  # characters


@dataclass(frozen=True, kw_only=True)
class ListingSettings:
    """What a group says; all of it is optional. `meets` says when it meets, in words by language."""

    area_id: int | None = None
    by_phone: bool = False
    languages: list[int] = field(default_factory=list)
    open_to: list[int] = field(default_factory=list)
    meets: dict[str, str] = field(default_factory=dict)
    shows_next: bool = False
    shows_place: bool = False
    on_web: bool = False


def settings_of(session: Session, group_id: int) -> ListingSettings:
    """Return what a group says now."""
    listing = _find(session, group_id)
    if listing is None:
        return ListingSettings()
    return ListingSettings(
        area_id=listing.area_id,
        by_phone=listing.by_phone,
        languages=_ids(session, ListingLanguage.language_id, ListingLanguage, listing),
        open_to=_ids(session, ListingOpenTo.open_to_id, ListingOpenTo, listing),
        meets=dict(listing.meets or {}),
        shows_next=listing.shows_next,
        shows_place=listing.shows_place,
        on_web=listing.on_web,
    )


def apply(session: Session, group: Group, said: ListingSettings) -> None:
    """Save what a group says about itself. Raises Invalid."""
    listing = _find(session, group.id)
    if listing is None:
        listing = Listing(group_id=group.id)
        session.add(listing)
    if said.area_id is not None and session.get(Area, said.area_id) is None:
        raise Invalid(_("This area is no longer on the list. Choose another."))
    listing.area_id, listing.by_phone = said.area_id, said.by_phone
    listing.meets = {code: words for code in LANGUAGES if (words := checked_meets(said.meets.get(code, "")))} or None
    listing.shows_next, listing.shows_place = said.shows_next, said.shows_next and said.shows_place
    listing.on_web = said.on_web
    session.flush()
    _set(session, listing, ListingLanguage, "language_id", _kept(session, SpokenLanguage, said.languages))
    _set(session, listing, ListingOpenTo, "open_to_id", _kept(session, OpenTo, said.open_to))


def checked_meets(words: str) -> str:
    """Return the words on when a group meets, on one line and in the SMS alphabet. Raises Invalid."""
    words = gsm7.transliterate(" ".join(words.split()))
    if len(words) > LONGEST_MEETS:
        raise Invalid(_("At most {count} characters.").format(count=LONGEST_MEETS))
    if odd := gsm7.expensive_chars(words):
        raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    if leads_elsewhere(words):
        raise Invalid(_("Leave out phone numbers, codes to dial and web addresses."))
    return words


def _find(session: Session, group_id: int) -> Listing | None:
    return session.scalars(select(Listing).where(Listing.group_id == group_id)).first()


def _ids(session: Session, column: Any, table: Any, listing: Listing) -> list[int]:  # noqa: ANN401 - a class, a column
    return list(session.scalars(select(column).where(table.listing_id == listing.id).order_by(column)))


def _kept(session: Session, table: type[SpokenLanguage] | type[OpenTo], ids: Iterable[int]) -> list[int]:
    """Return those of the ids that the network still has."""
    return list(session.scalars(select(table.id).where(table.id.in_(list(ids)))))


def _set(session: Session, listing: Listing, table: Any, column: str, ids: list[int]) -> None:  # noqa: ANN401 - a class
    session.execute(delete(table).where(table.listing_id == listing.id))
    session.add_all(table(listing_id=listing.id, **{column: number}) for number in ids)
