"""One turn of a run: what was typed, by the screen that the person saw, to the next screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from smsgate.flows import engine, screens
from smsgate.flows.engine import Answer, Kept
from smsgate.flows.menu import menu
from smsgate.flows.steps import Ask, Caller, Choose, Do, Question, Sort
from smsgate.i18n import _, ngettext, speaking
from smsgate.performing import NotAMember
from smsgate.phone import NotANumber, e164
from smsgate.runs import Asked, Run


@dataclass(frozen=True)
class Turn:
    """What the phone shows now; `ends` when nothing is asked any more."""

    text: str
    ends: bool


@dataclass(frozen=True)
class Line:
    """What a turn needs from outside: who calls, as the database knows them now, and who performs actions."""

    caller: Callable[[], Caller]
    perform: Callable[[Run, Do], Any]
    now: Callable[[], datetime]
    limit: int  # of one screen
    countries: tuple[str, ...]


class Unreadable(ValueError):
    """What a person typed does not answer the question; the text says why, in their language."""


def hear(run: Run, typed: str, line: Line) -> None:
    """Move a run on by what was typed. Paging needs no replay; everything else replays the flow."""
    if run.offering:
        _offered(run, typed, line)
    elif typed == screens.MORE and run.page + 1 < len(run.pages):
        run.page += 1
    elif typed == screens.BACK and run.page:
        run.page -= 1
    elif typed == screens.HOME:
        go_home(run, line)
    elif run.asked is not None:
        _answered(run, typed, line)


def _offered(run: Run, typed: str, line: Line) -> None:
    if typed == "1":
        run.offering = False
        settle(run, line)
    elif typed in ("2", screens.HOME):
        go_home(run, line)


def go_home(run: Run, line: Line) -> None:
    """Begin again at the first screen: a new run, so that the same choice may be made a second time."""
    begun = Run(run.session, line.caller(), earlier=run.earlier, heard=run.heard, heard_mark=run.heard_mark)
    run.__dict__.update(begun.__dict__)
    settle(run, line)


def _answered(run: Run, typed: str, line: Line) -> None:
    before = engine.back(run.answers) if typed == screens.BACK else None
    explanation = ""
    if before is not None:
        run.answers = before
    else:
        try:
            run.answers = [*run.answers, Answer(_asked_name(run), _read(run, typed, line.countries), Kept.SAID)]
        except Unreadable as unreadable:
            explanation = str(unreadable)
    try:
        settle(run, line, explanation)
    except (NotAMember, engine.WentHome):
        go_home(run, line)


def settle(run: Run, line: Line, explanation: str = "") -> None:
    """Replay the flow to its next question and lay out what the person sees."""
    stop = engine.replay(menu, run.caller, run.answers, lambda do: line.perform(run, do))
    run.answers, run.language, run.page = stop.answers, stop.language, 0
    run.asked, run.asked_at = _asked(stop.asked), line.now().timestamp()
    can_back, can_home = engine.back(run.answers) is not None, engine.depth(run.answers) > 1

    def laid_out(told: list[str], asked: Question | None) -> list[screens.Page]:
        return screens.lay_out(told, asked, line.limit, can_back=can_back, can_home=can_home)

    with speaking(stop.language):
        run.pages = laid_out([explanation, *stop.told], stop.asked)
        if explanation and len(run.pages) > 1 and isinstance(stop.asked, Choose):
            # The keys must not move to a page that was not there a moment ago; the text was just read.
            run.pages = laid_out([explanation], replace(stop.asked, text=""))


def offer(run: Run, line: Line) -> None:
    """A session that dropped is offered again; what was asked stays as it was."""
    run.offering = True
    with speaking(run.language):
        choice = Choose("offer", _("You were cut off."), {"on": _("Continue"), "again": _("Start again")})
        run.pages = screens.lay_out([], choice, line.limit, can_back=False, can_home=False)
    run.page = 0


def shown(run: Run) -> Turn:
    """The screen of a run. When nothing is asked and the last page is seen, the run ends and its answers are gone."""
    run.ended = not run.offering and run.asked is None and run.page + 1 == len(run.pages)
    if run.ended:
        run.answers, run.caller = [], Caller(run.caller.language)
    return Turn(run.pages[run.page].text, run.ended)


def _read(run: Run, typed: str, countries: tuple[str, ...]) -> str:
    """What a reply means, by the screen that the person saw; raises Unreadable."""
    asked, options = run.asked, run.pages[run.page].options
    with speaking(run.language):
        if asked is None or asked.choice:
            if typed not in options:
                raise Unreadable(_("Please choose one of the numbers."))
            return options[typed]
        if options.get(typed) == screens.SKIP:
            return ""
        return _read_number(typed, countries) if asked.sort is Sort.NUMBER else _read_words(asked, typed)


def _read_words(asked: Asked, typed: str) -> str:
    words = re.sub(r"\D", "", typed)[:8] if asked.sort is Sort.CODE else " ".join(typed.split())
    if not words:
        raise Unreadable(_("That could not be read. Please type it again."))
    over = len(words) - asked.longest
    if over > 0:
        text = ngettext("That is {count} character too long.", "That is {count} characters too long.", over)
        raise Unreadable(text.format(count=over))
    return words


def _read_number(typed: str, countries: tuple[str, ...]) -> str:
    try:
        return e164(typed, countries)
    except NotANumber as wrong:
        explained = {
            "country": _("We cannot text numbers of that country."),
            "fixed": _("That line gets no texts. Please type a mobile number."),
        }
        raise Unreadable(explained.get(wrong.reason, _("That is no phone number. Type it like 0711000001."))) from None


def _asked_name(run: Run) -> str:
    return run.asked.name if run.asked else ""


def _asked(question: Question | None) -> Asked | None:
    if isinstance(question, Ask):
        return Asked(question.name, choice=False, sort=question.sort, longest=question.longest)
    return Asked(question.name, choice=True) if question else None
