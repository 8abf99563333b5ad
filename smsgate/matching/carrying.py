"""Texts that the two people in a match send each other through the service, with their numbers hidden.

They are limited in number per hour and in length, and stop when the match ends. Either person can end it by a word, and
report the other by another (`flows/typed/peer_words.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.core import gsm7
from smsgate.flows.sms import walking
from smsgate.flows.sms.walking import LONGEST_CARRIED
from smsgate.matching import matches
from smsgate.matching.news import tell
from smsgate.models import CarriedText, LimitUse, Match, MatchState, MessageKind
from smsgate.outbox import keys, limits
from smsgate.outbox.limits import Cause, Caused

KEPT = timedelta(days=14)
SHOWN_MOST = 5


class Carried(StrEnum):
    """What became of a text to the other person."""

    PASSED_ON = "passed_on"  # as an SMS, or to be read by dialling
    OVER = "over"
    LIMIT = "limit"
    LONG = "long"
    EMPTY = "empty"


def carry(session: Session, match: Match, words: str, now: datetime, *, by_supporter: bool) -> Carried:
    """Pass words on to the other person in a match."""
    session.refresh(match, with_for_update=True)
    plain = gsm7.transliterate(" ".join(words.split()))
    if match.state is not MatchState.WALKING or not matches.may_meet(session, match.member, match.supporter.member):
        return Carried.OVER
    if not plain or len(plain) > LONGEST_CARRIED:
        return Carried.LONG if plain else Carried.EMPTY
    (person, supporter), _back = matches.both(match)
    reader, writer = (person, supporter) if by_supporter else (supporter, person)
    use = ask_to_write(session, match, now, by_supporter=by_supporter)
    if use is None:
        return Carried.LIMIT
    limits.record(session, use)
    row = CarriedText(match_id=match.id, by_supporter=by_supporter, words=plain, at=now)
    session.add(row)
    session.flush()
    tell(
        session, match.programme, reader, lambda: walking.carried(writer.name or "", plain), keys.carried(row.id), now,
        kind=MessageKind.CARRIED, match_id=match.id,
    )  # fmt: skip
    return Carried.PASSED_ON


def ask_to_write(session: Session, match: Match, now: datetime, *, by_supporter: bool) -> LimitUse | None:
    """Return the use of one more text to the other, to pass to `limits.record`; None for somebody who wrote enough."""
    (person, supporter), _back = matches.both(match)
    reader, writer = (person, supporter) if by_supporter else (supporter, person)
    return limits.ask(session, Caused(Cause.CARRIED, writer.phone.number), now, target=reader.phone)


def received(session: Session, match: Match, now: datetime, *, supporter: bool) -> list[CarriedText]:
    """Return the latest texts to one of the two, newest first, for reading by dialling."""
    rows = select(CarriedText).where(CarriedText.match_id == match.id, CarriedText.by_supporter.is_not(supporter))
    rows = rows.where(CarriedText.at > now - KEPT).order_by(CarriedText.id.desc())
    return list(session.scalars(rows.limit(SHOWN_MOST)))


def forget_old(session: Session, now: datetime) -> None:
    """Delete texts older than KEPT."""
    session.execute(delete(CarriedText).where(CarriedText.at < now - KEPT))
