"""Finds names by their beginning, typed in letters or in digits, each of which stands for the letters on its key."""

from __future__ import annotations

from smsgate.flows.typed.keys import only_digits
from smsgate.flows.typed.letters import fold

_KEYS = {"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz"}
_DIGITS = str.maketrans({letter: digit for digit, letters in _KEYS.items() for letter in letters})


def begins_with(name: str, typed: str) -> bool:
    """Return whether a name, or a word in it, begins as typed, ignoring case, accents, spaces and signs.

    `Nakuru` begins with `nak`, with `NAKU` and with `625`, its first keys.
    """
    digits = only_digits(typed)
    wanted = digits or _letters(typed)
    words = [_letters(word) for word in name.split()]
    if digits:
        words = [word.translate(_DIGITS) for word in words]
    return bool(wanted) and any("".join(words[place:]).startswith(wanted) for place in range(len(words)))


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())
