"""Whom a group can say it is for: a list that the network writes itself, in each language."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.models import OpenTo

LONGEST = 24  # characters
MOST = 20


def all_of(session: Session) -> list[OpenTo]:
    """Return the list, in the order in which it is shown."""
    return list(session.scalars(select(OpenTo).order_by(OpenTo.position, OpenTo.id)))


def add(session: Session, words: dict[str, str]) -> OpenTo:
    """Add an entry at the end. Raises Invalid."""
    last, count = session.execute(select(func.max(OpenTo.position), func.count())).one()
    if count >= MOST:
        raise Invalid(_("The list can have at most {most} entries.").format(most=MOST))
    added = OpenTo(words=checked(words), position=(last or 0) + 1)
    session.add(added)
    session.flush()
    return added


def checked(words: dict[str, str]) -> dict[str, str]:
    """Return the words by language as they are stored; English is required. Raises Invalid."""
    found = {code: gsm7.transliterate(" ".join(words.get(code, "").split())) for code in LANGUAGES}
    if not found[SOURCE]:
        raise Invalid(_("Enter the name in English."))
    for said in found.values():
        if len(said) > LONGEST:
            raise Invalid(_("At most {count} characters.").format(count=LONGEST))
        if odd := gsm7.expensive_chars(said):
            raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    return {code: said for code, said in found.items() if said}
