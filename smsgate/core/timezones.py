"""Where a clock of somebody's hangs, so that a time can be told to them. Never more exact than a country."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from phonenumbers import NumberParseException, parse
from phonenumbers.timezone import time_zones_for_number


def timezone_of_number(number: str) -> str:
    """The zone of an E.164 number's country, the first where it has several; UTC where nobody knows."""
    try:
        zone = time_zones_for_number(parse(number))[0]
    except NumberParseException:
        return "UTC"
    return "UTC" if zone == "Etc/Unknown" else zone


def timezones_near(zone: str) -> list[str]:
    """The zones of the same continent, to choose one of."""
    continent = zone.partition("/")[0]
    return sorted(one for one in available_timezones() if one.startswith(f"{continent}/"))


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """The time of day as everybody here writes it, 14:05; "" for None."""
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""
