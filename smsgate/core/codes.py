"""Random codes of digits, as people dial and type them."""

from __future__ import annotations

import secrets


def dialled_code(digits: int) -> str:
    """Returns a random code of so many digits that does not begin with 0, so that it reads as a number, too."""
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def typed_code(digits: int) -> str:
    """Returns a random code of so many digits, each of them equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}}"
