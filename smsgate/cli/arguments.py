"""Looks up and parses what operators type: groups, meetings, times, numbers. Each error says what to type instead."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.cli.output import WHEN
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.flows import reminder_times
from smsgate.groups import groups
from smsgate.models import Group, Meeting, Member, lookup
from smsgate.service import Service

WRONG_NUMBERS = {
    "letters": "That is no phone number: there are letters in it.",
    "several": "That is more than one phone number.",
    "extension": "That is no phone number alone: something follows it.",
    "country": "That is no phone number of the countries in SMSGATE_COUNTRIES.",
    "fixed": "That is no phone number that gets texts: it is a fixed line.",
    "service": "That is no phone number of a person: it is toll-free, premium or the like.",
}


def phone_number(wired: Service, text: str) -> str:
    """Return in E.164 the number that an operator typed. Raises Invalid."""
    return read_number(text, wired.settings.countries)


def read_number(text: str, countries: tuple[str, ...]) -> str:
    """Return a typed number of one of these countries in E.164. Raises Invalid."""
    try:
        return e164(text, countries)
    except NotANumber as error:
        raise Invalid(WRONG_NUMBERS.get(error.reason, "This isn't a phone number. Write it like 0711000001.")) from None


def get_group(session: Session, code: str) -> Group:
    """Return the group with this code. Raises Invalid."""
    group = groups.find_group(session, code)
    if group is None:
        raise Invalid(f"No group has the code {code}. See: smsgate group list")
    return group


def get_meeting(session: Session, number: int) -> Meeting:
    """Return the meeting with this id. Raises Invalid."""
    meeting = session.scalars(select(Meeting).where(Meeting.id == number)).first()
    if meeting is None:
        raise Invalid(f"There is no meeting {number}. See: smsgate meeting list CODE")
    return meeting


def get_member(session: Session, phone: str, countries: tuple[str, ...]) -> Member:
    """Return the member with this phone number. Raises Invalid."""
    member = lookup.find_member_by_number(session, read_number(phone, countries))
    if member is None:
        raise Invalid(f"Nobody has joined with the number {phone}.")
    return member


def parse_local_time(text: str) -> datetime:
    """Parse `2026-12-01 14:00` as a local time without a zone. Raises Invalid."""
    try:
        return datetime.strptime(text, WHEN)
    except ValueError:
        raise Invalid(f"{text!r} isn't a date and time; write it like 2026-12-01 14:00.") from None


def parse_day(text: str) -> date:
    """Parse `2026-12-25` as a date. Raises Invalid."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Invalid(f"{text!r} isn't a day; write it like 2026-12-25.") from None


def parse_reminder_times(typed: str) -> str:
    """Parse reminder times such as `2d 3h` into their stored form. Raises Invalid."""
    try:
        return reminder_times.read(typed)
    except reminder_times.InvalidReminderTimes as error:
        why = {reminder_times.Wrong.MANY: "At most four.", reminder_times.Wrong.FAR: "At most 14 days before."}
        raise Invalid(f"{why.get(error.wrong, f'{typed!r} cannot be read.')} Write it like: 2d 3h") from None


def parse_clock_time(text: str | None) -> time:
    """Parse `21:00` as a time of day. Raises Invalid."""
    try:
        return datetime.strptime(text or "", "%H:%M").time()
    except ValueError:
        raise Invalid(f"{text or ''!r} isn't a time of day; write it like 21:00.") from None
