"""Feedback: both are asked after three months and at the end, and everybody every two years; answers are anonymous.

Everybody means those in a match, who are asked about their time together, and those who wait, decide or have no match.

Each answer is only counted, by month, so that nothing points to its author. The totals are shown to those who were
asked, once five have answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from smsgate.core import privacy
from smsgate.flows.sms import walking
from smsgate.matching import counts
from smsgate.matching.counts import Count
from smsgate.matching.matches import both
from smsgate.matching.news import tell
from smsgate.matching.programmes import holds
from smsgate.models import Match, MatchCount, MatchState, Member, Programme, Seeker, SeekerState, Supporter
from smsgate.models.row_failures import still_so, work_on_each
from smsgate.outbox import keys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition

FIRST_AFTER = timedelta(days=90)  # after a match begins
EVERY = timedelta(days=730)  # for everybody in a programme
QUESTIONS, OF_ALL = "one-to-one", "one-to-one-all"  # in the surveys library: for the two in a match, for others


@cache
def questions(name: str = QUESTIONS) -> Mapping[str, Any]:
    """Return the questions as a survey definition: choices only, since free text could reveal its author."""
    return parse_definition(yaml_files.load(yaml_files.library()[name]))


def ask_due(session: Session, now: datetime, code: str) -> None:
    """Ask both people in each match that is due, and everybody in programmes that are. Run by the scheduler."""
    began = (Match.state == MatchState.WALKING) & (Match.began_at <= now - FIRST_AFTER) & Match.surveyed_at.is_(None)
    ended = (Match.state == MatchState.ENDED) & (Match.surveyed_at.is_(None) | (Match.surveyed_at < Match.ended_at))
    due = session.scalars(select(Match.id).where(or_(began, ended))).all()

    def ask(ids: Sequence[int]) -> None:
        for match in still_so(session, Match, ids, or_(began, ended)):
            _ask(session, match, now, code)

    work_on_each(session, "how it was", due, ask, now)
    _ask_everybody(session, now, code)


def _ask(session: Session, match: Match, now: datetime, code: str) -> None:
    match.surveyed_at, match.person_may_say, match.supporter_may_say = now, True, True
    key = keys.walk(match.id, now, "how_was_it")
    for member, _other in both(match):
        tell(session, match.programme, member, lambda: walking.how_was_it(code), key, now)


def _ask_everybody(session: Session, now: datetime, code: str) -> None:
    """Every two years, have the matches of a programme asked again, and ask everybody else in it."""
    since = now - EVERY
    not_lately = or_(Programme.surveyed_at.is_(None), Programme.surveyed_at <= since)
    due = (Programme.closed_at.is_(None), Programme.created_at <= since, not_lately)

    def ask(ids: Sequence[int]) -> None:
        for programme in still_so(session, Programme, ids, *due):
            _ask_all(session, programme, now, code)

    work_on_each(session, "how it is", session.scalars(select(Programme.id).where(*due)).all(), ask, now)


def _ask_all(session: Session, programme: Programme, now: datetime, code: str) -> None:
    programme.surveyed_at = now
    walks = (Match.programme_id == programme.id, Match.state == MatchState.WALKING)
    session.execute(update(Match).where(*walks, Match.began_at <= now - FIRST_AFTER).values(surveyed_at=None))
    everybody: list[Seeker | Supporter] = [*_seekers(session, programme), *_supporters(session, programme, now)]
    for one in everybody:
        one.may_say = True
        key = keys.walk(programme.id, now, "how_is_it")
        tell(session, programme, one.member, lambda: walking.how_was_it(code), key, now)


def _seekers(session: Session, programme: Programme) -> Sequence[Seeker]:
    """Return the seekers of a programme who are not walking with anybody now."""
    here = (Seeker.programme_id == programme.id, Seeker.state != SeekerState.WALKING)
    return session.scalars(select(Seeker).where(*here).order_by(Seeker.id)).all()


def _supporters(session: Session, programme: Programme, now: datetime) -> Sequence[Supporter]:
    """Return the current supporters of a programme who are not walking with anybody now."""
    walk = select(Match.supporter_id).where(Match.state == MatchState.WALKING)
    here = (Supporter.programme_id == programme.id, holds(Supporter, now), Supporter.id.not_in(walk))
    return session.scalars(select(Supporter).where(*here).order_by(Supporter.id)).all()


def may_say(session: Session, member: Member) -> Match | None:
    """Return the newest match on which someone may still give feedback, or None."""
    mine = select(Supporter.id).where(Supporter.member_id == member.id)
    as_person = (Match.member_id == member.id) & Match.person_may_say
    as_supporter = Match.supporter_id.in_(mine) & Match.supporter_may_say
    return session.scalars(select(Match).where(or_(as_person, as_supporter)).order_by(Match.id.desc()).limit(1)).first()


def say(session: Session, match: Match, answers: Iterable[tuple[str, str]], now: datetime, *, supporter: bool) -> bool:
    """Count the answers of one of the two, once; return False if they had answered already. No answers decline."""
    session.refresh(match, with_for_update=True)
    if not (match.supporter_may_say if supporter else match.person_may_say):
        return False
    if supporter:
        match.supporter_may_say = False
    else:
        match.person_may_say = False
    _count(session, match.programme, QUESTIONS, answers, now)
    return True


def may_say_without_match(session: Session, member: Member) -> Seeker | Supporter | None:
    """Return the row by which someone without a match may still give feedback, or None."""
    asks = select(Seeker).where(Seeker.member_id == member.id, Seeker.may_say)
    helps = select(Supporter).where(Supporter.member_id == member.id, Supporter.may_say).order_by(Supporter.id)
    return session.scalars(asks).first() or session.scalars(helps.limit(1)).first()


def say_without_match(
    session: Session, member: Member, answers: Iterable[tuple[str, str]], now: datetime
) -> Programme | None:
    """Count the answers of someone without a match, once; return the programme, None if they had answered already."""
    found = may_say_without_match(session, member)
    if found is None:
        return None
    session.refresh(found, with_for_update=True)
    if not found.may_say:
        return None
    found.may_say = False
    _count(session, found.programme, OF_ALL, answers, now)
    return found.programme


def _count(
    session: Session, programme: Programme, asked: str, answers: Iterable[tuple[str, str]], now: datetime
) -> None:
    known = {
        (step["as"], option["is"])
        for step in questions(asked)["steps"] if "choose" in step for option in step["options"]
    }  # fmt: skip
    for step, value in answers:
        if (step, value) in known:
            counts.add(session, programme, Count.SAID, now, more=f"{step}_{value}")


def said_together(session: Session, programme: Programme, language: str) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return the feedback so far: each question with its answers and how many people gave them.

    Answers that fewer than five people gave are left out, and so are questions without any others.
    """
    rows = select(MatchCount.what, MatchCount.number).where(MatchCount.programme_id == programme.id)
    totals: dict[str, int] = {}
    for what, number in session.execute(rows.where(MatchCount.what.startswith(f"{Count.SAID}_"))):
        totals[what] = totals.get(what, 0) + number
    found = []
    for step in [*questions()["steps"], *questions(OF_ALL)["steps"]]:
        if "choose" in step:
            given = [
                (_in(option["label"], language), totals.get(f"{Count.SAID}_{step['as']}_{option['is']}", 0))
                for option in step["options"]
            ]
            shown = [(label, count) for label, count in given if not privacy.is_few(count)]
            if shown:
                found.append((_in(step["choose"], language), shown))
    return found


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words["en"]
