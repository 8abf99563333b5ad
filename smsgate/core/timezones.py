"""Time zones for showing people local times, never more precise than a country."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from phonenumbers import NumberParseException, parse
from phonenumbers.timezone import time_zones_for_number


def timezone_of_number(number: str) -> str:
    """Return the time zone of an E.164 number's country (the first if it has several); UTC if unknown."""
    try:
        zone = time_zones_for_number(parse(number))[0]
    except NumberParseException:
        return "UTC"
    return "UTC" if zone == "Etc/Unknown" else zone


def existing(zone: str) -> ZoneInfo | None:
    """Return the time zone of this IANA name; None if there is none, or none any more."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def timezones_near(zone: str) -> list[str]:
    """Return the time zones of the same continent, sorted, to choose from."""
    continent = zone.partition("/")[0]
    return sorted(name for name in available_timezones() if name.startswith(f"{continent}/"))


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return the local time of day as everybody here writes it, `14:05`; "" for None."""
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""
