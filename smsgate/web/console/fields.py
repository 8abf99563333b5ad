"""What is typed into the forms about groups and meetings, read and found right or wrong, with the reason beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import flash
from wtforms import Field, IntegerField, SelectChoice, ValidationError  # type: ignore[attr-defined]

from smsgate.core import gsm7
from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.flows.checks import style
from smsgate.groups import groups
from smsgate.meetings import time_input
from smsgate.models import Group
from smsgate.web.console.text import _

LONGEST_NUMBER = 9  # digits
Check = Callable[[object, Field], None]


class Whole(IntegerField):
    """A whole number; one longer than any that is meant is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """The library's own look at its size fails on such."""
        super().process_formdata([one if len(one) <= LONGEST_NUMBER else "" for one in valuelist])


def offered(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """What may be chosen: values, with how they are called."""
    return [SelectChoice(value, said) for value, said in pairs]


def day_of(typed: str | None) -> date | None:
    """`2026-12-25` as a day; None for nothing, or for what is none."""
    try:
        return date.fromisoformat((typed or "").strip())
    except ValueError:
        return None


def time_of(typed: str | None) -> time | None:
    """`21:00` as a time of day; None for nothing, or for what is none."""
    try:
        return datetime.strptime((typed or "").strip()[:5], "%H:%M").time()
    except ValueError:
        return None


def is_a_day(_form: object, field: Field) -> None:
    """A day, or nothing."""
    if (field.data or "").strip() and day_of(field.data) is None:
        raise ValidationError(_("That is no day. Write it like 2026-12-25."))


def is_a_time(_form: object, field: Field) -> None:
    """A time of day, or nothing."""
    if (field.data or "").strip() and time_of(field.data) is None:
        raise ValidationError(_("That is no time of day. Write it like 15:00."))


def is_a_zone(_form: object, field: Field) -> None:
    """A name of the time zones' database."""
    try:
        groups.check_zone((field.data or "").strip())
    except Invalid:
        raise ValidationError(_("There is no such time zone. Write one like Africa/Nairobi.")) from None


def is_a_code(_form: object, field: Field) -> None:
    """What can be dialled, or nothing."""
    typed = (field.data or "").strip()
    if typed and not (typed.isdecimal() and typed.isascii() and 3 <= len(typed) <= 8):
        raise ValidationError(_("A code has 3 to 8 digits, so that it can be dialled."))


def is_before(_form: object, field: Field) -> None:
    """How long before meetings reminders come, or nothing."""
    try:
        if (field.data or "").strip():
            reminder_times.read(field.data)
    except reminder_times.NotBefore as error:
        raise ValidationError(
            {
                reminder_times.Wrong.MANY: _("At most four reminders before a meeting."),
                reminder_times.Wrong.FAR: _("At most 14 days before a meeting."),
            }.get(error.wrong, _("That cannot be read. Write it like: 1d 2h"))
        ) from None


def phones_show_it(_form: object, field: Field) -> None:
    """Nothing that simple phones cannot show."""
    odd = gsm7.non_gsm_chars(gsm7.transliterate(field.data or ""))
    if odd:
        raise ValidationError(_("Many phones cannot show this: {signs}").format(signs=" ".join(odd[:5])))


def at_most(count: int) -> Check:
    """Not longer than `count`, as phones count it."""

    def check(_form: object, field: Field) -> None:
        if len(gsm7.transliterate(" ".join((field.data or "").split()))) > count:
            raise ValidationError(_("At most {count} characters.").format(count=count))

    return check


def to_come(group: Group, day: Field, at: Field, now: datetime) -> datetime | None:
    """The local time that two fields say, if it is to come; else None, and the reason stands beside the field."""
    first, clock = day_of(day.data), time_of(at.data)
    if first is None or clock is None:
        (at if first else day).errors = [_("Say which day, and at what time.")]
        return None
    local = datetime.combine(first, clock)
    try:
        time_input.to_come(local, ZoneInfo(group.zone), now)
    except time_input.NotAMoment as error:
        skipped = error.wrong is time_input.Wrong.SKIPPED
        at.errors = [_("That hour is left out: the clocks go forward.") if skipped else _("That is in the past.")]
        return None
    return local


def tell_doubts(*texts: str | None) -> None:
    """Words that an admin may want to think over: they are told, never stopped."""
    given = [text for text in texts if text]
    if medical := list(dict.fromkeys(word for text in given for word in style.medical(text))):
        flash(_("This may sound medical on a shared phone: {words}").format(words=", ".join(medical)), "wait")
    if orders := list(dict.fromkeys(word for text in given for word in style.orders(text))):
        flash(_("This may sound like an order: {words}").format(words=", ".join(orders)), "wait")
