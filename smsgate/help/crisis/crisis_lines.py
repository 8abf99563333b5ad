"""Crisis lines and local services to call, by country, each with a source and the date it was verified on.

From its expiry date on, a number is not shown until someone calls it again and records that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import phonenumbers
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.core.gsm7 import expensive_chars
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.core.phone_numbers import country as country_of
from smsgate.flows.actions.crisis_lines import LineSeen
from smsgate.models import CrisisLine, CrisisLineKind, CrisisLineName, SecurityEvent
from smsgate.models.security_events import record

LONGEST_NAME, LONGEST_HOURS, LONGEST_SOURCE = 30, 24, 200
NUMBER = re.compile(r"\+?[0-9*#]{2,19}")  # including short codes and *123#
SPACES = re.compile(r"[\s().-]+")
GOOD_FOR, AT_MOST = timedelta(days=365), timedelta(days=731)
SOON = timedelta(days=30)
SHOWN_MOST = 8


@dataclass(frozen=True)
class CrisisLineEntry:
    """A crisis line as someone enters it; without `expires_on` it is valid for a year."""

    country: str
    number: str
    names: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    verified_on: date | None = None
    expires_on: date | None = None
    kind: CrisisLineKind = CrisisLineKind.CRISIS
    hours: str = ""


@dataclass
class ImportResult:
    """What an import did."""

    added: int = 0
    changed: int = 0
    others: int = 0  # lines that the import did not name


def entry_of(line: CrisisLine) -> CrisisLineEntry:
    """Return a stored line as an entry."""
    names = {name.language: name.name for name in line.names}
    return CrisisLineEntry(
        line.country, line.number, names, line.source, line.verified_on, line.expires_on, line.kind, line.hours or ""
    )


def checked(entry: CrisisLineEntry, today: date) -> CrisisLineEntry:
    """Return the entry normalised, with its expiry date; raises Invalid with what is wrong."""
    country = entry.country.strip().upper()
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(f"{entry.country!r} is no country; write its two letters, like KE.")
    number = SPACES.sub("", entry.number)
    if not NUMBER.fullmatch(number):
        raise Invalid(f"{entry.number!r} cannot be dialled; write it as one dials it there, like 0711 000 001 or 999.")
    names = _checked_names(entry.names)
    source, hours = " ".join(entry.source.split()), " ".join(entry.hours.split())
    if not 1 <= len(source) <= LONGEST_SOURCE:
        raise Invalid("Say where the number is from, in at most 200 characters: an address, or who told you.")
    if len(hours) > LONGEST_HOURS or expensive_chars(hours):
        raise Invalid("Hours have at most 24 plain characters, like 8-20 or 24h.")
    verified_on, expires_on = _checked_dates(entry, today)
    return CrisisLineEntry(country, number, names, source, verified_on, expires_on, entry.kind, hours)


def _checked_names(given: Mapping[str, str]) -> dict[str, str]:
    names = {language: " ".join(name.split()) for language, name in given.items() if name.strip()}
    if SOURCE not in names:
        raise Invalid("Give it a name in English at least: short and neutral, like Befrienders.")
    for language, name in names.items():
        if language not in LANGUAGES:
            raise Invalid(f"{language!r} is none of the languages here: {', '.join(LANGUAGES)}.")
        if len(name) > LONGEST_NAME:
            raise Invalid(f"A name has at most {LONGEST_NAME} characters; {name!r} has {len(name)}.")
        if expensive_chars(name):
            raise Invalid(f"{' '.join(expensive_chars(name))} in {name!r} would double the price of an SMS.")
    return names


def _checked_dates(entry: CrisisLineEntry, today: date) -> tuple[date, date]:
    if entry.verified_on is None:
        raise Invalid("Call the number first, then say when somebody did: verified on, like 2026-11-20.")
    if entry.verified_on > today:
        raise Invalid(f"{entry.verified_on} is not yet: nobody can have verified it then.")
    expires_on = entry.expires_on or entry.verified_on + GOOD_FOR
    if not entry.verified_on < expires_on <= entry.verified_on + AT_MOST:
        raise Invalid("It expires after it was verified, and at most two years after.")
    return entry.verified_on, expires_on


def add(session: Session, entry: CrisisLineEntry, now: datetime, *, by: int | None = None) -> CrisisLine:
    """Add a line after the others of its country; `by` is a network admin's phone id. Raises Invalid."""
    entry = checked(entry, now.date())
    if _find(session, entry) is not None:
        raise Invalid(f"{entry.number} is there already for {entry.country}. See: smsgate line list")
    last = session.scalar(select(func.max(CrisisLine.position)).where(CrisisLine.country == entry.country))
    line = CrisisLine(position=(last or 0) + 1, names=[])
    _write(line, entry)
    session.add(line)
    session.flush()
    record(session, SecurityEvent.HELPLINE_ADDED, now, by=by, about=line.id)
    return line


def change(session: Session, line: CrisisLine, entry: CrisisLineEntry, now: datetime, *, by: int | None = None) -> None:
    """Replace what a line says with `entry`; raises Invalid."""
    entry = checked(entry, now.date())
    other = _find(session, entry)
    if other is not None and other.id != line.id:
        raise Invalid(f"{entry.number} is there already for {entry.country}. See: smsgate line list")
    _write(line, entry)
    session.flush()
    record(session, SecurityEvent.HELPLINE_CHANGED, now, by=by, about=line.id)


def remove(session: Session, line: CrisisLine, now: datetime, *, by: int | None = None) -> None:
    """Delete a line."""
    record(session, SecurityEvent.HELPLINE_REMOVED, now, by=by, about=line.id)
    session.delete(line)
    session.flush()


def import_lines(session: Session, entries: Iterable[CrisisLineEntry], now: datetime, *, only: bool) -> ImportResult:
    """Import entries in this order, adding and changing lines; with `only` delete all others. Raises Invalid."""
    taken, imported_ids, today = ImportResult(), set[int](), now.date()
    for position, entry in enumerate(entries, start=1):
        line = _find(session, checked(entry, today))
        if line is None:
            line = add(session, entry, now)
            taken.added += 1
        elif entry_of(line) != checked(entry, today):
            change(session, line, entry, now)
            taken.changed += 1
        line.position = position
        imported_ids.add(line.id)
    others = list(session.scalars(select(CrisisLine).where(CrisisLine.id.not_in(imported_ids))))
    taken.others = len(others)
    for position, line in enumerate(others, start=len(imported_ids) + 1):
        if only:
            remove(session, line, now)
        else:
            line.position = position
    session.flush()
    return taken


def _find(session: Session, entry: CrisisLineEntry) -> CrisisLine | None:
    return session.scalars(
        select(CrisisLine).where(CrisisLine.country == entry.country, CrisisLine.number == entry.number)
    ).first()


def _write(line: CrisisLine, entry: CrisisLineEntry) -> None:
    if entry.verified_on is None or entry.expires_on is None:
        raise Invalid("Nobody verified it.")
    line.country, line.number, line.kind, line.hours = entry.country, entry.number, entry.kind, entry.hours or None
    line.source, line.verified_on, line.expires_on = entry.source, entry.verified_on, entry.expires_on
    known = {name.language: name for name in line.names}
    for language in known.keys() - entry.names.keys():
        line.names.remove(known[language])
    for language, name in entry.names.items():
        if language in known:
            known[language].name = name
        else:
            line.names.append(CrisisLineName(language=language, name=name))


def all_lines(session: Session) -> list[CrisisLine]:
    """Return every line, expired or not, by country and in the order in which they are shown."""
    return list(session.scalars(select(CrisisLine).order_by(CrisisLine.country, *_IN_ORDER)))


_IN_ORDER = (CrisisLine.kind, CrisisLine.position, CrisisLine.id)  # crisis lines before services


def lines_in_country(session: Session, country: str, language: str, today: date) -> list[LineSeen]:
    """Return the unexpired lines to show in a country, SHOWN_MOST at most, named in `language` or else in English."""
    rows = select(CrisisLine).where(CrisisLine.country == country, CrisisLine.expires_on > today).order_by(*_IN_ORDER)
    return [
        {"name": _name_in(line, language), "number": line.number, "hours": line.hours or ""}
        for line in session.scalars(rows.limit(SHOWN_MOST))
    ]


def _name_in(line: CrisisLine, language: str) -> str:
    names = {name.language: name.name for name in line.names}
    return names.get(language) or names.get(SOURCE, "")


def lines_for_number(session: Session, number: str, language: str, now: datetime) -> list[LineSeen]:
    """Return the lines to show to an E.164 number, by the country that issued it, never by where the phone is."""
    return lines_in_country(session, country_of(number), language, now.date())


def numbers_to_call(session: Session, number: str, now: datetime) -> list[str]:
    """Return the same lines as bare numbers, without names, for a text that anybody may see."""
    return [line["number"] for line in lines_for_number(session, number, SOURCE, now)]


def expiry_status(line: CrisisLine, today: date) -> str:
    """Return `expired`, `soon` if it expires within a month, or `shown`."""
    if line.expires_on <= today:
        return "expired"
    return "soon" if line.expires_on <= today + SOON else "shown"


def warnings(session: Session, countries: Iterable[str], today: date) -> list[str]:
    """Return sentences for operators: countries without a valid line, and lines that expire within a month."""
    sentences = []
    for country in countries:
        if not lines_in_country(session, country, SOURCE, today):
            sentences.append(f"{country} has no number to call that is not expired. See: smsgate line --help")
    soon = select(CrisisLine).where(CrisisLine.expires_on > today, CrisisLine.expires_on <= today + SOON)
    for line in session.scalars(soon.order_by(CrisisLine.expires_on, CrisisLine.id)):
        sentences.append(
            f"Line {line.id} ({line.country}, {_name_in(line, SOURCE)}) expires on {line.expires_on}: call it, then "
            f"smsgate line verify {line.id}"
        )
    return sentences
