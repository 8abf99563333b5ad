"""Texts of one-to-one support, which never say what it is about; `name` is the name the other chose, or ""."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_day_of, say_when

LONGEST_CARRIED = 100  # characters of one text from one of a match to the other


def named(name: str) -> str:
    """Return the name that someone chose, or a neutral word if they chose none."""
    return name or _("your contact")


def proposed(code: str) -> str:
    """To both: a coordinator proposes that they walk together."""
    return _("Someone could be in touch with you, if you both like. To read more and say yes or no, dial {code} or text PEER").format(code=code)  # fmt: skip # noqa: E501


def began(name: str, code: str) -> str:
    """To both: both have agreed."""
    return _("You and {name} are in touch now. To agree when you meet, or to write, dial {code} or text PEER").format(name=named(name), code=code)  # fmt: skip # noqa: E501


def not_this_time() -> str:
    """To someone who agreed, or whose proposal nobody answered in time: it does not go ahead. Gives no reason."""
    return _("It isn't going ahead this time. It's nothing you did, and nothing else changes.")


def over_for_supporter(name: str) -> str:
    """To a supporter: a match has ended. Gives no reason."""
    return _("Your time with {name} has ended. Thank you for being there.").format(name=named(name))


def over_for_person(name: str) -> str:
    """To a person: their match has ended, and what comes next is up to them."""
    return _("Your time with {name} has ended. To wait for someone else, or to stop, dial the menu or text PEER").format(name=named(name))  # fmt: skip # noqa: E501


def closed(code: str) -> str:
    """To people on the waiting list, when the programme closes."""
    return _("What you were waiting for has ended here. Nothing else changes. For groups near you, dial {code}").format(code=code)  # fmt: skip # noqa: E501


def ends_soon(name: str, day: str, code: str) -> str:
    """To both, four weeks before the last day; `day` is an ISO date."""
    return _("Your time with {name} ends on {day}. What comes after, and groups: dial {code}").format(name=named(name), day=say_day_of(day), code=code)  # fmt: skip # noqa: E501


def meeting_proposed(name: str, when: datetime, code: str) -> str:
    """To the other: a time is proposed."""
    return _("{name} proposes to meet: {when}. To say yes, or another time, dial {code} or text PEER").format(name=named(name), when=say_when(when), code=code)  # fmt: skip # noqa: E501


def meeting_agreed(name: str, when: datetime) -> str:
    """To someone who proposed a time: the other agrees."""
    return _("{name} said yes: {when}.").format(name=named(name), when=say_when(when))


def meeting_declined(name: str, when: datetime, code: str) -> str:
    """To someone who proposed a time: the other can't come."""
    return _("{name} can't come: {when}. To propose another time, dial {code} or text PEER").format(name=named(name), when=say_when(when), code=code)  # fmt: skip # noqa: E501


def meeting_skipped(name: str, when: datetime, code: str) -> str:
    """To the other: one meeting is left out."""
    return _("{name} leaves out: {when}. The next one stays as it is. More: dial {code}").format(name=named(name), when=say_when(when), code=code)  # fmt: skip # noqa: E501


def meeting_reminder(name: str, when: datetime, place: str, code: str, *, discreet: bool) -> str:
    """To one of the two, before they meet; `place` is "" for a call."""
    if discreet:
        return _("Reminder: {when}. More: dial {code}").format(when=say_when(when), code=code)
    if place:
        return _("{when}: you meet {name}, {place}. To move it, dial {code}").format(when=say_when(when), name=named(name), place=place, code=code)  # fmt: skip # noqa: E501
    return _("{when}: a call with {name}. To move it, dial {code}").format(when=say_when(when), name=named(name), code=code)  # fmt: skip # noqa: E501


def check_in(code: str) -> str:
    """To a person who wants to be asked how it is going, now and then."""
    return _("How is it going? If you like, answer: dial {code} or text PEER. Not answering is fine.").format(code=code)


def carried(name: str, words: str) -> str:
    """To one of the two: the words of the other."""
    return _("{name}: {words}\nTo answer: PEER and your words").format(name=named(name), words=words)


def how_was_it(code: str) -> str:
    """To both, after three months and at the end: a few questions, without names."""
    return _("How has it been? A few questions, without your name: dial {code} or text PEER").format(code=code)


def passed_on(name: str) -> str:
    """To someone who wrote `PEER words`."""
    return _("Passed on to {name}. At night it waits until morning.").format(name=named(name))


def passed_on_later(name: str, code: str) -> str:
    """The same, if the words sound as if they could not wait."""
    return _("Passed on to {name}, who may read it later. If it can't wait: dial {code}, Numbers to call").format(name=named(name), code=code)  # fmt: skip # noqa: E501


def not_carried_over(code: str) -> str:
    """To someone who writes after their match has ended."""
    return _("Nothing was passed on: you are not in touch through us now. More: dial {code}").format(code=code)


def not_carried_limit() -> str:
    """To someone who wrote more texts than an hour allows."""
    return _("Not passed on: there's room for a few texts an hour. Please try again later.")


def not_carried_long(most: int) -> str:
    """To someone who wrote too much in one text."""
    return _("Not passed on: please write at most {most} characters at once.").format(most=most)


def which_person(code: str) -> str:
    """To a supporter of several people who did not give the number of the one they wrote to."""
    return _("To whom? Write PEER, their number and your words, like PEER 2 hello. The numbers: dial {code} or text PEER").format(code=code)  # fmt: skip # noqa: E501


def ended_by_text(code: str) -> str:
    """To someone who wrote `PEER END`: no reason is needed."""
    return _("It has ended. No reason is needed, and none is stored. To go on from here, dial {code} or text PEER").format(code=code)  # fmt: skip # noqa: E501


def reported(code: str) -> str:
    """To someone who wrote `PEER REPORT`: the match ends, and a coordinator is asked to call."""
    return _("It has ended at once. A coordinator sees your number and calls you. The other does not learn of it. More: dial {code}").format(code=code)  # fmt: skip # noqa: E501
