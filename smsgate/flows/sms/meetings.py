"""Texts about meetings: reminders, replies to them, changes. All times are local."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, ngettext, say_when


def reminder(when: datetime, group: str, place: str, code: str, *, discreet: bool) -> str:
    """To a member before a meeting."""
    if discreet:
        said = _("Reminder: {when}. More: dial {code}").format(when=say_when(when), code=code)
    else:
        said = _("{group}: {when} {place}").format(group=group, when=say_when(when), place=place).strip()
    return said + ". " + coming_keys()


def coming_keys() -> str:
    """Return how to reply to a reminder."""
    return _("Coming? Reply 1 yes, 2 no, 3 maybe")


def coming_again(when: datetime, group: str) -> str:
    """To someone who answered a reminder in words that were not understood; `group` is "" to be discreet."""
    return f"{said_of(when, group)}. " + coming_keys()


def said_of(when: datetime, group: str) -> str:
    """Return the time of a meeting, and its group unless that is ""."""
    return f"{say_when(when)} {group}".strip()


def which_meeting() -> str:
    """To someone who replied to one of several reminders that came together; the list of meetings follows."""
    return _("You got more than one reminder. Reply with the number of the meeting you mean.")


def coming_kept(coming: str, when: datetime, code: str, group: str = "") -> str:
    """To someone who replied to a reminder; `coming` is yes, no or maybe, `group` is "" to be discreet."""
    return (
        coming_said(coming, when, group) + " " + _("To change it reply 1, 2 or 3. More: dial {code}").format(code=code)
    )


def coming_said(coming: str, when: datetime, group: str) -> str:
    """Return what someone replied, and to which meeting; `coming` is yes, no or maybe."""
    replies = {
        "yes": _("Thank you, you're coming: {when}."),
        "no": _("You're not coming: {when}."),
        "maybe": _("You said maybe: {when}."),
    }
    return replies[coming].format(when=said_of(when, group))


def coming_no_more(when: datetime, code: str) -> str:
    """To someone who replied to a reminder of a meeting that has begun, is cancelled or is no longer theirs."""
    return _("{when} is no longer planned for you, or has begun. More: dial {code}").format(
        when=say_when(when), code=code
    )


def next_meeting(when: datetime, group: str, place: str, code: str, *, discreet: bool) -> str:
    """To a member who gave us a missed call."""
    if discreet:
        return _("Next: {when}. More: dial {code}").format(when=say_when(when), code=code)
    said = _("Next, {group}: {when} {place}").format(group=group, when=say_when(when), place=place).strip()
    return f"{said}. " + _("More: dial {code}").format(code=code)


def no_meeting(code: str) -> str:
    """To a member who gave us a missed call when no meeting is planned."""
    return _("Nothing is planned now. For the menu dial {code}").format(code=code)


def moved(before: datetime, after: datetime, group: str, code: str, *, discreet: bool) -> str:
    """To members: a meeting was moved to another time."""
    if discreet:
        return _("Changed: {before} is now {after}. More: dial {code}").format(
            before=say_when(before), after=say_when(after), code=code
        )
    return _("{group}: the meeting of {before} is now {after}.").format(
        group=group, before=say_when(before), after=say_when(after)
    )


def cancelled(when: datetime, group: str, code: str, *, discreet: bool) -> str:
    """To members: a meeting was cancelled."""
    if discreet:
        return _("Cancelled: {when}. More: dial {code}").format(when=say_when(when), code=code)
    return _("{group}: the meeting of {when} is cancelled.").format(group=group, when=say_when(when))


def some_dates(first: datetime, more: int) -> str:
    """Return the first of several dates and how many more there are, to put into the texts below."""
    if more == 0:
        return say_when(first)
    said = ngettext("{when} and {count} more", "{when} and {count} more", more)
    return said.format(when=say_when(first), count=more)


def dates_cancelled(dates: str, after: datetime | None, group: str, code: str) -> str:
    """To members: dates of a series were cancelled; `after` is the next one that is not, `group` "" to be discreet."""
    if after is None:
        said = _("Cancelled: {when}. More: dial {code}").format(when=dates, code=code)
    else:
        said = _("Cancelled: {when}. Next: {after}. More: dial {code}").format(
            when=dates, after=say_when(after), code=code
        )
    return _signed(group, said)


def dates_changed(dates: str, after: datetime, group: str, code: str) -> str:
    """To members: dates of a series were changed; `after` is the next date, `group` is "" to be discreet."""
    said = _("Changed: {when}. Next: {after}. More: dial {code}")
    return _signed(group, said.format(when=dates, after=say_when(after), code=code))


def on_after_all(dates: str, group: str, code: str) -> str:
    """To members: cancelled dates take place after all; `group` is "" to be discreet."""
    return _signed(group, _("It is on after all: {when}. More: dial {code}").format(when=dates, code=code))


def elsewhere(dates: str, place: str, group: str, code: str, *, tells: bool) -> str:
    """To members: dates take place elsewhere; `place` and `group` are "" to be discreet.

    `tells` is False if the group keeps its place out of texts: then the text says to ask.
    """
    if not tells:
        return _signed(group, _("New place: {when}. Please ask where.").format(when=dates))
    if place:
        return _signed(group, _("New place: {when}, {place}").format(when=dates, place=place))
    return _signed(group, _("New place: {when}. More: dial {code}").format(when=dates, code=code))


def _signed(group: str, said: str) -> str:
    return f"{group}: {said}" if group else said
