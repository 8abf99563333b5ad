"""Codes that people dial and type: the service's own, `*384*77#`, those below it, `*384*77*4521#`, and random ones."""

from __future__ import annotations

import secrets

DEMO_CODE = "4521"  # of the group that `smsgate run` creates


def code_below(service_code: str, digits: str) -> str:
    """Return the code that leads straight to a group, a survey or the offer of a role."""
    return f"{service_code.removesuffix('#')}*{digits}#"


def digits_below(service_code: str, dialled: str) -> str | None:
    """Return what follows the service's own code in a dialled one, "" for nothing; None for another service's code."""
    base = service_code.removesuffix("#")
    rest = dialled.removeprefix(base).removesuffix("#")
    ours = dialled.startswith(base) and dialled.endswith("#") and (not rest or rest.startswith("*"))
    return rest[1:] if ours else None


def dialled_code(digits: int) -> str:
    """Return a random code with this many digits, not starting with 0, so that it's a number too."""
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def typed_code(digits: int) -> str:
    """Return a random code with this many digits; all codes are equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}}"
