"""Letters as they are meant: no accents, capitals or invisible characters, and look-alikes replaced by our letters.

Phones, keyboards and messengers put in soft hyphens and joiners that nobody sees, styled letters, and Cyrillic or Greek
letters that look like ours. This is only for reading what is typed: what people wrote is stored and sent on as it is.
"""

from __future__ import annotations

import re
import unicodedata

# Cyrillic, Greek, small capitals and letters in squares, each with what it looks like or stands for.
_ALIKE = {
    "АВЕЅІЈКМНОПРСТУХԚԜѴҮԌԀӀ": "abesijkmhoppctyxqwvygdl",
    "авеѕіјкмнорстухԛԝѵүԍԁӏһпзгб": "abesijkmhopctyxqwvygdlhn3rb",
    "ΑΒΕΖΗΙΚΜΝΟΡΣΤΥΧΠϹΘϴ": "abezhikmnopstyxpcoo",
    "αβεικνορστυχπϲςη": "abeikvopstuxpcsn",
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ": "abcdefghijklmnoprstuvwyz",
    "ꓢꓔꓳꓑꓮꓚꓧꓰꓣꓠꓡꓬᏚᎢᏢᎪᏟᎻᎬᎡ": "stopachernlystpacher",
    "ıɑɡʘօտսոΙ": "iagoosuni",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SIGNS = {chr(first + place): letter for first in (0x1F1E6, 0x1F150, 0x1F170) for place, letter in enumerate(_LETTERS)}
_ALPHABETS = {from_: to for alike, ours in _ALIKE.items() for from_, to in zip(alike, ours, strict=True)}
_BLANK = "\u115f\u1160\u3164\uffa0\u2800\ufffc\ufffd"  # show nothing, whether or not they take up space
_DROPPED = frozenset({"Mn", "Me", "Cf", "Cs", "Co", "Cn"})
_SENT_FROM = re.compile(
    r"\b(?:sent (?:from|via|by) |envoye (?:de|depuis) |imetumwa (?:kutoka|kwa) |get outlook for ).*"
)
_CUT = re.compile(r"\b(don|can|won|didn|doesn|isn|couldn|shouldn|wouldn) t\b")
_AS_OURS = str.maketrans({**_ALPHABETS, **_SIGNS, **dict.fromkeys(_BLANK, "")})


def fold(text: str) -> str:
    """Return a text in small Latin letters and ASCII digits, as far as possible; signs and line breaks stay."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_AS_OURS)).translate(_AS_OURS)
    return "".join(_plain(char) for char in decomposed).casefold()


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.category(char) in _DROPPED:
        return ""
    return str(unicodedata.decimal(char, char))


def words_of(folded: str) -> list[str]:
    """Return the words of a folded text; letters typed one by one (`s t o p`, `s.t.o.p`) are one word."""
    words: list[str] = []
    spelled: list[str] = []
    for word in [*re.findall(r"[^\W_]+", folded), ""]:
        if word.isalpha() and len(set(word)) == 1:  # also `oo`, as in `s t oo p`
            spelled.append(word)
            continue
        words += ["".join(spelled)] if len(spelled) > 2 else spelled
        spelled = []
        words.append(word)
    return words[:-1]


def without_signature(folded: str) -> str:
    """Return a folded text without what phones and mail programs add, such as `Sent from my phone`."""
    return _SENT_FROM.sub("", folded)


def joined(words: str) -> str:
    """Return folded words with `don t` and the like as one word, as they are without the apostrophe."""
    return _CUT.sub(r"\1t", words)


def spaced(words: str) -> frozenset[str]:
    """Return the words of a list that is written with spaces, so that a speaker can add to it."""
    return frozenset(words.split())
