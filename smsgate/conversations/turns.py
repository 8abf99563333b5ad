"""One turn of a run: what was typed, by the screen that the person saw, to the next screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from smsgate.conversations.handlers import NotAMember
from smsgate.conversations.sessions import Asked, Run
from smsgate.core.i18n import Wording, _, ngettext, speaking, wording_now
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.flows import engine, screens
from smsgate.flows.engine import Answer, Kept
from smsgate.flows.menu import menu
from smsgate.flows.steps import OPENED, Ask, Caller, Choose, Do, Question, Sort
from smsgate.members import pins

WELCOME_ASKED = "language"  # the first screen of somebody new, and of a member with a PIN
NEW_PINS = ("new_pin", "second_pin")


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
    pin: PinDesk
    wording: Callable[[int], Wording]  # a version of a group's own words


class PinDesk(Protocol):
    """Where a typed PIN goes: it is never remembered, only what it opened, or its hash."""

    def opens(self, typed: str) -> tuple[str, int]:
        """What it opens (pins.Opened), and for how many minutes nothing is looked at."""

    def hashed(self, run: Run, name: str, typed: str) -> str:
        """The hash of a PIN to be set, for the question `name`; "" where it is the PIN that is set already."""

    def same(self, kept: str, typed: str) -> bool:
        """Whether it is what was hashed."""


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
            value = _read(run, typed, line)
            # What a PIN opened is no choice to go back from.
            kept = Kept.DONE if value in OPENED and run.asked and run.asked.pin else Kept.SAID
            run.answers = [*run.answers, Answer(_asked_name(run), value, kept)]
        except Unreadable as unreadable:
            explanation = str(unreadable)
    try:
        settle(run, line, explanation)
    except (NotAMember, engine.WentHome):
        go_home(run, line)


def settle(run: Run, line: Line, explanation: str = "") -> None:
    """Replay the flow to its next question and lay out what the person sees."""
    with speaking(run.caller.language, line.wording(run.caller.wording)):
        _settle(run, line, explanation)


def _settle(run: Run, line: Line, explanation: str) -> None:
    stop = engine.replay(menu, run.caller, run.answers, lambda do: line.perform(run, do))
    run.answers, run.language, run.page = stop.answers, stop.language, 0
    run.asked, run.asked_at = _asked(stop.asked), line.now().timestamp()
    can_back, can_home = engine.back(run.answers) is not None, engine.depth(run.answers) > 1

    def laid_out(told: list[str], asked: Question | None) -> list[screens.Page]:
        return screens.lay_out(told, asked, line.limit, can_back=can_back, can_home=can_home)

    with speaking(stop.language, wording_now()):
        run.pages = laid_out([explanation, *stop.told], stop.asked)
        if explanation and len(run.pages) > 1 and isinstance(stop.asked, Choose):
            # The keys must not move to a page that was not there a moment ago; the text was just read.
            run.pages = laid_out([explanation], replace(stop.asked, text=""))


def offer(run: Run, line: Line) -> None:
    """A session that dropped is offered again; what was asked stays as it was."""
    run.offering = True
    with speaking(run.language, line.wording(run.caller.wording)):
        choice = Choose("offer", _("You were cut off."), {"on": _("Continue"), "again": _("Start again")})
        run.pages = screens.lay_out([], choice, line.limit, can_back=False, can_home=False)
    run.page = 0


def shown(run: Run) -> Turn:
    """The screen of a run. When nothing is asked and the last page is seen, the run ends and its answers are gone."""
    run.ended = not run.offering and run.asked is None and run.page + 1 == len(run.pages)
    if run.ended:
        run.answers, run.caller = [], Caller(run.caller.language)
    return Turn(run.pages[run.page].text, run.ended)


def _read(run: Run, typed: str, line: Line) -> str:
    """What a reply means, by the screen that the person saw; raises Unreadable."""
    asked, options = run.asked, run.pages[run.page].options
    with speaking(run.language, line.wording(run.caller.wording)):
        if asked is None or asked.choice:
            if typed in options:
                return options[typed]
            if asked and asked.pin and pins.looks_like_pin(typed):
                return _opened(run, asked, typed, line)
            raise Unreadable(_("Please choose one of the numbers."))
        if options.get(typed) == screens.SKIP:
            return ""
        if asked.sort in (Sort.NEW_PIN, Sort.SAME_PIN):
            return _read_pin(run, asked, typed, line)
        return _read_number(typed, line.countries) if asked.sort is Sort.NUMBER else _read_words(asked, typed)


def _opened(run: Run, asked: Asked, typed: str, line: Line) -> str:
    outcome, minutes = line.pin.opens(typed)
    if outcome in OPENED:
        return outcome
    if asked.name == WELCOME_ASKED:  # as it answers somebody new
        raise Unreadable(_("Please choose one of the numbers."))
    if minutes:
        text = ngettext(
            "Please wait {count} minute, then try again.", "Please wait {count} minutes, then try again.", minutes
        )
        raise Unreadable(text.format(count=minutes))
    raise Unreadable(_("That is not the PIN."))


def _read_pin(run: Run, asked: Asked, typed: str, line: Line) -> str:
    if asked.sort is Sort.SAME_PIN:
        kept = next(answer.value for answer in reversed(run.answers) if answer.name in NEW_PINS)
        return "same" if line.pin.same(kept, typed) else "other"
    if not pins.looks_like_pin(typed):
        raise Unreadable(_("That is no PIN: 4 to 8 digits."))
    if pins.is_obvious(typed):
        raise Unreadable(_("Others would try that first. Please take another."))
    kept = line.pin.hashed(run, asked.name, typed)
    if not kept:
        raise Unreadable(_("That is your PIN. Please take another."))
    return kept


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
    return Asked(question.name, choice=True, pin=question.pin) if question else None
