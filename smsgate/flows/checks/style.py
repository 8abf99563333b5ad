"""Finds words that do not inform: medical ones, which label a person or give them away on a shared phone, and orders.

The service's own texts have none (`smsgate check catalogues`). People who write texts here are warned about such words
and never blocked. Works in English, Swahili and French, by stems or whole words, ignoring accents and case.
"""

from __future__ import annotations

import re
import unicodedata

# Whole words.
_WORDS = (
    "patients?", "ill", "sick", "dose", "doses", "dosage", "pills?", "drugs?", "tablets?", "nurses?", "anxiety",
    "crisis", "crises?", "hiv", "vih", "arvs?", "insane", "lunatic",
    "dawa", "tiba", "daktari", "madaktari", "muuguzi", "wauguzi", "akili", "kichaa", "vichaa", "wazimu", "dozi",
    "vidonge", "kidonge", "dalili", "ukimwi", "unyogovu", "sonona", r"\w*jiua", r"\w*jinyonga", "waraibu", "mraibu",
    "fou", "fous", "folle", "folles", "folie", "comprimes?", "ordonnances?", "pilules?", "sida",
)  # fmt: skip
# Stems: the beginnings of words.
_STEMS = (
    "diagnos", "medic", "medec", "symptom", "treatment", "therap", "disorder", "disease", "illness", "mental", "psych",
    "depress", "hospital", "clini", "doctor", "crazy", "suicid", "schizo", "bipolar", "prescri", "overdos", "addict",
    "pharma", "mgonjwa", "wagonjwa", "ugonjwa", "magonjwa", "matibabu", "hospitali", "malad", "traitement", "hopita",
    "docteur", "infirmier", "troubles? (?:mental|psych|anxieux|bipol|du |de l)",
)  # fmt: skip
MEDICAL = re.compile(rf"\b(?:(?:{'|'.join(_WORDS)})\b|(?:{'|'.join(_STEMS)})\w*)", re.IGNORECASE)
ORDERS = re.compile(
    r"\b(?:you (?:really |all )?(?:must|should|shall|ought to|have to|need to|had better)|you've got to|"
    r"unapaswa|mnapaswa|unatakiwa|mnatakiwa|unalazimika|inabidi|(?<!si )lazima|"
    r"(?:vous|tu) (?:ne )?(?:devez|dois|devriez|devrais)|(?:vous )?etes oblige|il faut|il faudrait|il vous faut)\b",
    re.IGNORECASE,
)


def medical(text: str) -> list[str]:
    """Return the words of a text that sound medical, as written, without duplicates."""
    return _matches(MEDICAL, text)


def orders(text: str) -> list[str]:
    """Return the words of a text that sound like an order, as written, without duplicates."""
    return _matches(ORDERS, text)


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text.replace("’", "'"))
    bare = "".join(unicodedata.normalize("NFD", char)[0] for char in text)  # as long as `text`
    return list(dict.fromkeys(text[match.start() : match.end()] for match in pattern.finditer(bare)))
