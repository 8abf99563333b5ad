"""What people see as one character: an emoji with its joiners or skin tone, a flag, a letter with its marks.

Covers the small part of Unicode's Annex 29 that people type: a Hangul letter or a Devanagari syllable may be split
here, an emoji is not.
"""

from __future__ import annotations

import re
import unicodedata

_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*[\U000e0020-\U000e007f]*"
)
EMOJI = re.compile(f"{_FLAG}|{_KEYCAP}|{_PICTURE}(?:\u200d{_PICTURE})*")
_PART = re.compile(f"{EMOJI.pattern}|.", re.DOTALL)
JOINERS = frozenset("\u200c\u200d")


def unbroken(text: str) -> list[str]:
    """Split a text into the units that must stay together in an SMS: whole emoji, and single code points."""
    return _PART.findall(text)


def clusters(text: str) -> list[str]:
    """Split a text into what people see as single characters, each with its marks and joiners."""
    found: list[str] = []
    for part in unbroken(text):
        if found and _extends(part) and found[-1] not in "\r\n":
            found[-1] += part
        else:
            found.append(part)
    return found


def _extends(part: str) -> bool:
    return part in JOINERS or unicodedata.category(part[0])[0] == "M"


def clip(text: str, most: int) -> str:
    """Return at most `most` code points of a text, leaving out a character that would be cut in two."""
    if len(text) <= most:
        return text
    kept, room = "", most
    for cluster in clusters(text[: most + 100]):
        room -= len(cluster)
        if room < 0:
            break
        kept += cluster
    return kept or text[:most]
