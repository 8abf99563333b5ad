"""E.164 numbers: parsing what a person typed, showing it, and masking it for logs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

WORLD = "001"  # the region of numbers that belong to no country


class NotANumber(ValueError):
    """The text is not a phone number that can be texted; `reason` is a code that callers turn into an explanation."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


LONGEST = 40  # characters
PERSONAL = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})  # the types that people have
_WRAPPED = re.compile(
    r"""(?:tel:|p:|=)?\s*(["']?)(.*?)\1;?""", re.IGNORECASE | re.DOTALL
)  # as files and links wrap them
_TRUNK = re.compile(r"^((?:\+|00)[\d ]+)\(0\)")  # +254 (0) 711 000001
_SEVERAL = re.compile(r"\d{7,}\D*(?:[;,/&|:]|\b(?:and|or|na|au|et|ou)\b)\D*\d{7,}", re.IGNORECASE)
_EXTENSION = re.compile(r"^[+\d ().-]*\d\s*(?:;?ext[a-z.=]*|x|#|,+|;|:|/)\s*\d{1,6}\s*$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def e164(text: str, countries: tuple[str, ...]) -> str:
    """Return `0711 000 001`, `254711000001` or `+254711000001` as `+254711000001`; digits of any script are accepted.

    Local numbers are read as numbers of the first of `countries`. Raises NotANumber with reason `unreadable`, `letters`
    (which a phone's keypad would turn into another number), `several`, `extension`, `country` (outside `countries`),
    `fixed` (a landline, which gets no texts) or `service` (toll-free, premium and the like: nobody's phone).
    """
    number = _parsed(_plain(text), countries[0])
    kind = phonenumbers.number_type(number)
    if phonenumbers.region_code_for_number(number) not in countries:
        # An international toll-free or premium number has no country.
        raise NotANumber("country" if phonenumbers.region_code_for_number(number) != WORLD else "service")
    if kind == PhoneNumberType.FIXED_LINE:
        raise NotANumber("fixed")
    if kind not in PERSONAL:
        raise NotANumber("service")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _plain(text: str) -> str:
    """Return the text with ASCII digits, hyphens and spaces, without invisible characters or anything that wraps it."""
    kept = (_plain_character(char) for char in unicodedata.normalize("NFKC", text[: 2 * LONGEST]))
    wrapped = _WRAPPED.fullmatch("".join(kept).strip())
    return wrapped[2].strip().lstrip("'") if wrapped else ""


def _plain_character(char: str) -> str:
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Cc"):  # invisible: direction marks, joiners, soft hyphens
        return " " if char in "\n\r\t" else ""
    return "-" if category == "Pd" or char in "\u2212\u30fc" else " " if category[0] == "Z" else char


def _parsed(text: str, home: str) -> phonenumbers.PhoneNumber:
    if _SEVERAL.search(text):
        raise NotANumber("several")
    if _EXTENSION.match(text):
        raise NotANumber("extension")
    if any(char.isalpha() for char in text):
        raise NotANumber("letters" if any(char.isdigit() for char in text) else "unreadable")
    text = _TRUNK.sub(r"\1", text)
    if len(text) > LONGEST or not re.fullmatch(r"\+? ?[\d ().-]+", text):
        raise NotANumber("unreadable")
    digits = re.sub(r"\D", "", text)
    # People dial 00 or 000 before a country code, and type it after a + as well; no local number begins like this.
    international = re.sub(r"^0{2,3}(?=[1-9])", "", digits)
    written: list[tuple[str, str | None]] = [(f"+{international}", None)]
    if international == digits and not text.startswith("+"):
        written = [(digits, home), *written]
    for candidate, region in written:
        try:
            number = phonenumbers.parse(candidate, region)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    raise NotANumber("unreadable")


def masked(number: str) -> str:
    """Return `+254711000001` as `+254*****0001`: enough to recognise, too little to call; words stay as they are."""
    if number and not any(char.isdigit() for char in number):
        return number
    return f"{number[:4]}*****{number[-4:]}" if len(number) > 8 else "*****"


def country(number: str) -> str:
    """Return the region that issued an E.164 number, like `KE`, or "" if unknown. Not where its holder is."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except NumberParseException:
        return ""


def readable_number(number: str) -> str:
    """Return `+254711000001` with spaces, as people read it: `+254 711 000001`."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
