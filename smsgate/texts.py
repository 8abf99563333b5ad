"""Every text that is pushed by SMS, in the language spoken now. Each fits one segment; a help text two.

Neutral by default: who reads a shared phone learns nothing about groups or health.
"""

from __future__ import annotations

from datetime import datetime

from smsgate.i18n import _, ngettext, say_day_of, say_when


def invitation(who: str) -> str:
    """To somebody whom a member chose."""
    return _(
        "{who} asks: may they text you when they need somebody? Reply 1 for yes, 2 for no. Free to say no."
    ).format(who=who)


def help_text(who: str, words: str) -> str:
    """What the member prepared, to one responder."""
    return _("{who}: {words} Reply 1 if you are on it.").format(who=who, words=words)


def agreed_thanks(who: str) -> str:
    """To a responder who agreed: what is expected and what is not."""
    return _(
        "Thank you. {who} may text you. You answer if you can. Not an emergency service. To stop, text STOP."
    ).format(who=who)


def declined_thanks() -> str:
    """To somebody who would rather not."""
    return _("That is fine. You get nothing more from them.")


def on_it_thanks(who: str) -> str:
    """To the responder who answered."""
    return _("Thank you. {who} knows that you are on it.").format(who=who)


def not_passed_on(who: str) -> str:
    """To a responder who wrote words instead of 1."""
    return _("Nobody reads texts here. If you are on it, reply 1 and {who} is told. You can also call.").format(who=who)


def answered(name: str) -> str:
    """To the member: a responder answered."""
    return _("{name} is on it.").format(name=name)


def somebody_is_on_it(who: str) -> str:
    """To the other responders."""
    return _("{who}: somebody is on it. Thank you.").format(who=who)


def fine_now(who: str) -> str:
    """To those who were told."""
    return _("{who}: I am fine now. Thank you.").format(who=who)


def unsent(name: str, code: str) -> str:
    """To the member: one text could not leave."""
    return _(
        "Your text could not be sent to {name}. You could call somebody, or dial {code} to see who got it."
    ).format(name=name, code=code)


def reminder(when: datetime, group: str, place: str, code: str, *, discreet: bool) -> str:
    """Before a meeting; `when` is local."""
    if discreet:
        said = _("Reminder: {when}. More: dial {code}").format(when=say_when(when), code=code)
    else:
        said = _("{group}: {when} {place}").format(group=group, when=say_when(when), place=place).strip()
    return said + ". " + coming_keys()


def coming_keys() -> str:
    """How to answer a reminder."""
    return _("Coming? Reply 1 yes, 2 no, 3 maybe")


def coming_kept(coming: str, when: datetime, code: str) -> str:
    """To who answered a reminder; `coming` is yes, no or maybe, `when` local."""
    said = {"yes": _("You come: {when}."), "no": _("You do not come: {when}."), "maybe": _("Perhaps you come: {when}.")}
    return (
        said[coming].format(when=say_when(when))
        + " "
        + _("To change it reply 1, 2 or 3. More: dial {code}").format(code=code)
    )


def coming_no_more(when: datetime, code: str) -> str:
    """To who answered a reminder of a meeting that has begun, is cancelled or none of theirs any more."""
    return _("{when} is not planned for you any more, or has begun. More: dial {code}").format(
        when=say_when(when), code=code
    )


def next_meeting(when: datetime, group: str, place: str, code: str, *, discreet: bool) -> str:
    """To a member who gave us a missed call; `when` is local."""
    if discreet:
        return _("Next: {when}. More: dial {code}").format(when=say_when(when), code=code)
    said = _("Next, {group}: {when} {place}").format(group=group, when=say_when(when), place=place).strip()
    return f"{said}. " + _("More: dial {code}").format(code=code)


def no_meeting(code: str) -> str:
    """To a member who gave us a missed call when nothing is planned."""
    return _("Nothing is planned now. For the menu dial {code}").format(code=code)


def moved(before: datetime, after: datetime, group: str, code: str, *, discreet: bool) -> str:
    """A meeting has another time; both are local."""
    if discreet:
        return _("Changed: {before} is now {after}. More: dial {code}").format(
            before=say_when(before), after=say_when(after), code=code
        )
    return _("{group}: the meeting of {before} is now {after}.").format(
        group=group, before=say_when(before), after=say_when(after)
    )


def cancelled(when: datetime, group: str, code: str, *, discreet: bool) -> str:
    """A meeting does not take place."""
    if discreet:
        return _("Cancelled: {when}. More: dial {code}").format(when=say_when(when), code=code)
    return _("{group}: the meeting of {when} is cancelled.").format(group=group, when=say_when(when))


def some_dates(first: datetime, more: int) -> str:
    """The first of some dates and how many more there are; local."""
    if more == 0:
        return say_when(first)
    said = ngettext("{when} and {count} more", "{when} and {count} more", more)
    return said.format(when=say_when(first), count=more)


def dates_cancelled(dates: str, after: datetime | None, group: str, code: str) -> str:
    """Dates of a series do not take place; `after` is the next one that does, `group` empty to be discreet."""
    if after is None:
        said = _("Cancelled: {when}. More: dial {code}").format(when=dates, code=code)
    else:
        said = _("Cancelled: {when}. Next: {after}. More: dial {code}").format(
            when=dates, after=say_when(after), code=code
        )
    return _by(group, said)


def dates_changed(dates: str, after: datetime, group: str, code: str) -> str:
    """Dates of a series are others now; `after` is the next one, `group` empty to be discreet."""
    said = _("Changed: {when}. Next: {after}. More: dial {code}")
    return _by(group, said.format(when=dates, after=say_when(after), code=code))


def on_after_all(dates: str, group: str, code: str) -> str:
    """Dates that were cancelled take place; `group` empty to be discreet."""
    return _by(group, _("It is on after all: {when}. More: dial {code}").format(when=dates, code=code))


def elsewhere(dates: str, place: str, group: str, code: str, *, tells: bool) -> str:
    """Another place; `tells` where the group lets places be told; `place` and `group` empty to be discreet."""
    if not tells:
        return _by(group, _("Another place: {when}. Please ask where.").format(when=dates))
    if place:
        return _by(group, _("Another place: {when}, {place}").format(when=dates, place=place))
    return _by(group, _("Another place: {when}. More: dial {code}").format(when=dates, code=code))


def _by(group: str, said: str) -> str:
    return f"{group}: {said}" if group else said


def stopped(code: str) -> str:
    """The one confirmation of STOP."""
    return _("Nothing more comes to you. To begin again text START. To erase all text ERASE. Or dial {code}").format(
        code=code
    )


def left_group(group: str) -> str:
    """The confirmation of STOP with a group's code."""
    return _("You have left {group}.").format(group=group)


def started(code: str) -> str:
    """The confirmation of START."""
    return _("Texts are on again. For the menu text MENU or dial {code}").format(code=code)


def role_ends(until: datetime, code: str) -> str:
    """To somebody whose role ends in a month; names no group."""
    return _("Your role ends on {date}. To go on, hand it over or let it end, dial {code}").format(
        date=say_day_of(until.date().isoformat()), code=code
    )


def role_ended(code: str) -> str:
    """To somebody whose role was ended by another; names no group."""
    return _("Your role has ended. Thank you for what you did. All else stays as it is: dial {code}").format(code=code)


def role_taken(code: str) -> str:
    """To somebody who accepted a role by SMS."""
    return _("Thank you, you have the role now. It is under Lead a group: dial {code}").format(code=code)


def account_short() -> str:
    """To the operator: the account that carries everything."""
    return _("Text credit is low: please top it up. Until then only help texts leave. The rest goes on by itself.")


def second_account_short() -> str:
    """To the operator: the account that stands by for help texts."""
    return _("Text credit of the second account is low: please top it up, so that help texts have another way.")


def not_a_group(code: str) -> str:
    """STOP with a code that the sender is in no group by."""
    return _("You are in no group with the code {code}. To stop all texts, text STOP.").format(code=code)


def fine_thanks() -> str:
    """To a member who texted that they are fine."""
    return _("Good to hear. Those who were told know now.")


def nothing_open() -> str:
    """To a member who texted that they are fine when nothing was open."""
    return _("Good to hear.")
