"""Checks that a name shown to strangers is just a name: no number, code or address, however it is written."""

from __future__ import annotations

import re
import unicodedata

from smsgate.flows.typed.letters import fold, spaced

MOST_DIGITS = 4  # in the name of a group: an area, a year
_MARKS = "'\u2019\u02bc-. "
_POINTS = str.maketrans(dict.fromkeys("\u3002\uff61\ua4f8\ua78f\u1c79\u0702", "."))  # look like one
_MODIFIERS = "\u02bb\u02bc\u02bd\u02be\u02bf\u0640\u0e46\u3005\u30fc"  # of those, the ones in names
_STANDS_FOR = 2  # letters that one character of a name may stand for: not a word, of which twenty are a long text
# As `fold` writes them, without accents: English, Swahili, French, Somali and Arabic, then what is said of a code.
_NUMBERS = spaced(
    """
    zero nought naught nil oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    sifuri ziro moja mbili tatu nne tano sita saba nane tisa kumi ishirini thelathini arobaini hamsini sitini sabini
    themanini tisini mia
    un une deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts trente
    quarante cinquante soixante cent
    eber kow laba saddex afar shan lix toddoba siddeed sideed sagaal toban
    صفر واحد اثنان اثنين ثلاثة اربعة خمسة ستة سبعة ثمانية تسعة عشرة
    star asterisk nyota etoile hash reli diese
    """
)
_BETWEEN = spaced("na and et then kisha puis double triple plus")  # said within a number
_SPELLED = 3  # numbers said one after the other
_IN_ONE_WORD = re.compile(f"(?:{'|'.join(sorted(word for word in _NUMBERS if len(word) > 2))}){{{_SPELLED},}}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LOOK_ALIKE = re.compile(
    r"\bo(?:[\W_]*[oil]){6,}\b"
)  # O7II as OIII: letters that a reader takes for the digits of a number
_DOT = r"(?:dot|nukta|point|slash|mkwaju|arobase|at)"
_ENDING = r"(?:com|net|org|info|co|ke|ug|tz|rw|me|ly|io|app|link|fr|biz|xyz)"
_NEWER_ENDING = r"(?:africa|online|site|shop|top|click|club|live|tv|cc|gg|to|uk|us)"  # words, unless after a dot
_ADDRESS = re.compile(
    rf"\b(?:www|https?|ussd|bit|tinyurl)\b|\b{_DOT}\s*{_ENDING}\b|\b{_ENDING}\b\s*{_DOT}|\bwa\W*me\b|\bcom\b"
    rf"|\b(?:dot|nukta) {_NEWER_ENDING}\b|[^\W_]\.[^\W_]{{2,}}"
)


def is_name(text: str) -> bool:
    """Return whether this is a person's name: letters, spaces, hyphens, apostrophes, and a point after an initial."""
    plain = _plain(text)
    letters = all(char in _MARKS or _is_letter(char) for char in plain)
    if (
        not letters
        or any(_is_sign(char) for char in text)
        or len(text.splitlines()) > 1
        or not any(char.isalpha() for char in plain)
    ):
        return False
    if any(unicodedata.numeric(char, None) is not None for char in plain):  # numerals can be letters elsewhere
        return False
    return not _reads_as_more(plain)


def leads_elsewhere(text: str) -> bool:
    """Return whether the name of something, which may have up to MOST_DIGITS, carries a number, code or address."""
    plain = _plain(text)
    digits = sum(unicodedata.numeric(char, None) is not None for char in plain)
    return digits > MOST_DIGITS or bool(re.search(r"[*#@\n]|//", plain)) or _reads_as_more(plain)


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" and (category != "Lm" or char in _MODIFIERS)


def _is_sign(char: str) -> bool:
    """Return whether this is made of letters without being one: in a circle, a Roman numeral, or a word in one sign."""
    return unicodedata.category(char) in ("So", "Nl") or len(unicodedata.normalize("NFKC", char)) > _STANDS_FOR


def _plain(text: str) -> str:
    """Return the text as it is read: without invisible characters, and with one form for each letter and digit."""
    shown = (
        char
        for char in unicodedata.normalize("NFKC", text.translate(_POINTS))
        if unicodedata.category(char) not in ("Cf", "Cc", "Mn")
    )
    plain = " ".join("".join(shown).casefold().split())
    return re.sub(r"\b(\w) (?=\w\b)", r"\1", re.sub(r" \. ?", ".", plain))  # e v i l . c o m


def _reads_as_more(plain: str) -> bool:
    """Return whether a reader finds a number, code or address, whatever alphabet its letters are from."""
    read = fold(plain)
    return bool(_ADDRESS.search(read)) or _spells_number(read)


def _spells_number(read: str) -> bool:
    run = said = 0  # numbers one after the other, and how many of them are words
    for word in re.split(r"[\W_]+", read):
        if word in _NUMBERS or (word.isdecimal() and not _YEAR.fullmatch(word)):
            run, said = run + 1, said + (word in _NUMBERS)
        elif word not in _BETWEEN:
            run = said = 0
        if run >= _SPELLED and said:
            return True
    joined = re.sub(r"[\W_]+", "", read)
    return bool(_IN_ONE_WORD.search(joined) or _LOOK_ALIKE.search(read))
