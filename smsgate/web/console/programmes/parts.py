"""What the pages of programmes share: access checks, and the words for what people said."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g
from sqlalchemy.orm import Session

from smsgate.core.i18n import language_now
from smsgate.matching import programmes
from smsgate.matching.fit import Obstacle, Option, Reason
from smsgate.matching.wishes import IN_PERSON, PHONE, Wishes
from smsgate.models import Ending, Member, Programme
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts import permissions
from smsgate.web.console.accounts.permissions import Forbidden
from smsgate.web.console.text import _, ngettext


def the_programme(session: Session, number: int, *, runs: bool = False) -> Programme:
    """Return the programme of this page and show it in the menu; with `runs`, only to its admins.

    Raise NotFound or Forbidden.
    """
    programme = permissions.the_programme(session, current_staff(), number)
    g.programme, g.runs = programme, permissions.runs(current_staff(), programme)
    g.coordinates = programme.id in current_staff().coordinates
    if runs and not g.runs:
        raise Forbidden
    return programme


def the_programme_of_coordinators(session: Session, number: int) -> Programme:
    """Return the programme of this page, only to its coordinators. Raise NotFound or Forbidden."""
    programme = the_programme(session, number)
    if not g.coordinates:
        raise Forbidden
    return programme


def name_of(member: Member) -> str:
    """Return the name that someone chose, or words for someone without one."""
    return member.name or _("Someone without a name")


def kinds_in_words() -> Mapping[str, str]:
    """Return the words for the kinds of people: whom someone is comfortable with, or what a supporter is."""
    return {"woman": _("a woman"), "man": _("a man"), "young": _("someone young"), "older": _("someone older")}


def how_in_words(how: str) -> str:
    """Say how someone would like to meet; "" if they didn't say."""
    return {PHONE: _("by phone"), IN_PERSON: _("in person")}.get(how, "")


def said_in_words(programme: Programme, said: Wishes, areas: Mapping[int, str], *, own: bool) -> list[str]:
    """Return what someone said, part by part: about themselves with `own`, else about whom they would like."""
    kinds = ", ".join(kinds_in_words().get(kind, "") for kind in said.kinds)
    parts = [
        _("speaks {what}").format(what=", ".join(said.languages)) if said.languages else "",
        areas.get(said.area or 0, ""),
        how_in_words(said.how),
        _("likes {what}").format(what=_interests(programme, said.interests)) if said.interests else "",
        (kinds if own else _("comfortable with {what}").format(what=kinds)) if kinds else "",
    ]
    return [part for part in parts if part]


def _interests(programme: Programme, numbers: tuple[str, ...]) -> str:
    named = (programmes.interest_in(programme, number, language_now()) for number in numbers)
    return ", ".join(filter(None, named))


def reasons_in_words(programme: Programme, option: Option, areas: Mapping[int, str]) -> list[str]:
    """Say why two people would suit each other."""
    return [_reason(programme, reason, what, areas) for reason, what in option.reasons]


def _reason(programme: Programme, reason: Reason, what: tuple[str, ...], areas: Mapping[int, str]) -> str:
    match reason:
        case Reason.LANGUAGE:
            return _("both speak {what}").format(what=", ".join(what))
        case Reason.COMFORTABLE:
            return _("{what}, as wished").format(what=", ".join(kinds_in_words().get(kind, "") for kind in what))
        case Reason.AREA | Reason.NEAR:
            return _("both in {what}").format(what=areas.get(int(what[0]), ""))
        case Reason.HOW:
            return _("both would like to meet {how}").format(how=how_in_words(what[0]))
        case Reason.INTEREST:
            return _("both like {what}").format(what=_interests(programme, what))


def obstacles_in_words(obstacles: tuple[Obstacle, ...] | frozenset[Obstacle]) -> list[str]:
    """Say what speaks against a match."""
    words = {
        Obstacle.LANGUAGE: _("no language in common"),
        Obstacle.COMFORTABLE: _("not whom they said"),
        Obstacle.HOW: _("one by phone, one in person"),
        Obstacle.FAR: _("far from each other"),
    }
    return [said for obstacle, said in words.items() if obstacle in obstacles]


def needed_in_words(option: Option) -> str:
    """Say how many others fit only this supporter; "" if nobody does."""
    if not option.needed_by:
        return ""
    said = ngettext(
        "{count} other person on the list fits nobody else", "{count} other people on the list fit nobody else",
        option.needed_by,
    )  # fmt: skip
    return said.format(count=option.needed_by)


def endings_in_words() -> Mapping[Ending, str]:
    """Return the words for how matches ended."""
    return {
        Ending.NOT_RIGHT: _("did not feel right"),
        Ending.FINISHED: _("finished"),
        Ending.TIME_OVER: _("time over"),
        Ending.OTHER: _("other"),
    }


def menu() -> list[tuple[str, str]]:
    """Return a programme's menu for the signed-in user, as (endpoint, label) pairs."""
    coordinates = (
        [("programme_waiting", _("Waiting list")), ("programme_matches", _("Matches"))] if g.coordinates else []
    )
    rules = [("programme_rules", _("Texts and rules"))] if g.runs else []
    last = [("programme_cards", _("Cards")), ("programme_counts", _("Counts"))]
    return [("programme", g.programme.name), *coordinates, *last, *rules]
