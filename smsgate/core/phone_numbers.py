"""E.164 numbers: parsing what a person typed, showing it, and masking it for logs."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType


class NotANumber(ValueError):
    """The text is not a phone number that can be texted; `reason` is a code from which the caller explains."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=4096)
def e164(text: str, countries: tuple[str, ...]) -> str:
    """Returns `0711 000 001`, `254711000001` or `+254711000001` as `+254711000001`.

    Local numbers are read as numbers of the first of `countries`. Raises NotANumber with reason `unreadable`, `country`
    (outside `countries`) or `fixed` (a landline, which gets no texts).
    """
    number = _parsed(text.strip(), countries[0])
    if phonenumbers.region_code_for_number(number) not in countries:
        raise NotANumber("country")
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        raise NotANumber("fixed")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _parsed(text: str, home: str) -> phonenumbers.PhoneNumber:
    if len(text) > 30:
        raise NotANumber("unreadable")
    for candidate, region in ((text, home), ("+" + text, None)):
        try:
            number = phonenumbers.parse(candidate, region)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    raise NotANumber("unreadable")


def masked(number: str) -> str:
    """Returns `+254711000001` as `+254*****0001`: enough to recognise, too little to call."""
    return f"{number[:4]}*****{number[-4:]}" if len(number) > 8 else "*****"


def country(number: str) -> str:
    """Returns the region that issued an E.164 number, like `KE`, or "" if unknown. Not where its holder is."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except NumberParseException:
        return ""


def readable_number(number: str) -> str:
    """Returns `+254711000001` with spaces, as people read it: `+254 711 000001`."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
