"""Fields and validators that the console's forms share; an error is shown beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import flash
from wtforms import Field, IntegerField, SelectChoice, ValidationError  # type: ignore[attr-defined]
from wtforms.validators import StopValidation

from smsgate.core import gsm7
from smsgate.core.admin_text import changes_said
from smsgate.core.errors import Invalid
from smsgate.flows import reminder_times
from smsgate.flows.checks import style
from smsgate.groups import groups
from smsgate.meetings import time_input
from smsgate.models import Group
from smsgate.web.console.text import _

LONGEST_NUMBER = 9  # digits
LATEST_DAY = date(2199, 12, 31)  # later ones are typing mistakes, near the end of what can be calculated with
TIME_FORMATS = ("%H:%M", "%H:%M:%S")  # some browsers add seconds
Validator = Callable[[object, Field], None]


class WholeNumberField(IntegerField):
    """A whole number of at most LONGEST_NUMBER digits; anything longer is read as not a number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Drop longer values first: NumberRange converts them to a float, which would overflow."""
        super().process_formdata([one if len(one) <= LONGEST_NUMBER else "" for one in valuelist])


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return the choices of a select field, from (value, label) pairs."""
    return [SelectChoice(value, said) for value, said in pairs]


def parse_day(typed: str | None) -> date | None:
    """Parse `2026-12-25`; None if empty or invalid."""
    try:
        day = date.fromisoformat((typed or "").strip())
    except ValueError:
        return None
    return day if day <= LATEST_DAY else None


def parse_time(typed: str | None) -> time | None:
    """Parse `21:00`; None if empty or invalid, like `9:00 PM`."""
    for known in TIME_FORMATS:
        with suppress(ValueError):
            return datetime.strptime((typed or "").strip(), known).time().replace(second=0)
    return None


def required(said: Callable[[], str]) -> Validator:
    """Return a validator that stops at an empty field; `said` returns what to enter, in the reader's language."""

    def filled_in(_form: object, field: Field) -> None:
        given = field.raw_data[0] if field.raw_data else None
        if not (given.strip() if isinstance(given, str) else given):
            field.errors = []
            raise StopValidation(said())

    return filled_in


def is_a_day(_form: object, field: Field) -> None:
    """Validate a day, or an empty field."""
    if (field.data or "").strip() and parse_day(field.data) is None:
        raise ValidationError(_("Enter a day like 2026-12-25."))


def is_a_time(_form: object, field: Field) -> None:
    """Validate a time of day, or an empty field."""
    if (field.data or "").strip() and parse_time(field.data) is None:
        raise ValidationError(_("Enter a time like 15:00."))


def is_a_zone(_form: object, field: Field) -> None:
    """Validate the name of an IANA time zone."""
    try:
        groups.check_zone((field.data or "").strip())
    except Invalid:
        raise ValidationError(_("There is no such time zone. Enter one like Africa/Nairobi.")) from None


def is_a_code(_form: object, field: Field) -> None:
    """Validate a group's code, which must be possible to dial, or an empty field."""
    typed = (field.data or "").strip()
    if typed and not (typed.isdecimal() and typed.isascii() and 3 <= len(typed) <= 8):
        raise ValidationError(_("Use 3 to 8 digits, so that it can be dialled."))


def is_before(_form: object, field: Field) -> None:
    """Validate how long before a meeting reminders are sent, like `1d 2h`, or an empty field."""
    try:
        if (field.data or "").strip():
            reminder_times.read(field.data)
    except reminder_times.InvalidReminderTimes as error:
        raise ValidationError(
            {
                reminder_times.Wrong.MANY: _("At most four reminders before a meeting."),
                reminder_times.Wrong.FAR: _("At most 14 days before a meeting."),
            }.get(error.wrong, _("Write it like this: 1d 2h"))
        ) from None


def phones_show_it(_form: object, field: Field) -> None:
    """Validate that simple phones can show the text: GSM 7-bit, after transliteration."""
    text = gsm7.transliterate(field.data or "")
    if odd := [] if gsm7.is_gsm7(text) else gsm7.expensive_chars(text):
        raise ValidationError(_("Many phones can't show {signs}").format(signs=" ".join(odd[:5])))


def at_most(count: int) -> Validator:
    """Return a validator for at most `count` characters, counted after transliteration, as on phones."""

    def check(_form: object, field: Field) -> None:
        if len(gsm7.transliterate(" ".join((field.data or "").split()))) > count:
            raise ValidationError(_("At most {count} characters.").format(count=count))

    return check


def future_local_time(group: Group, day: Field, at: Field, now: datetime) -> datetime | None:
    """Return the local time in two fields if it is in the future; otherwise set the field's error and return None."""
    first, clock = parse_day(day.data), parse_time(at.data)
    if first is None or clock is None:
        (at if first else day).errors = [_("Enter the day and the time.")]
        return None
    local = datetime.combine(first, clock)
    try:
        time_input.future_utc(local, ZoneInfo(group.zone), now)
    except time_input.InvalidTime as error:
        skipped = error.wrong is time_input.Wrong.SKIPPED
        at.errors = [
            _("That hour doesn't exist: the clocks go forward then.") if skipped else _("That is in the past.")
        ]
        return None
    return local


def warn_about_wording(*texts: str | None) -> None:
    """Flash warnings about characters that change on phones and words that sound medical or like an order."""
    given = [text for text in texts if text]
    for said in dict.fromkeys(filter(None, map(changes_said, given))):
        flash(said, "wait")
    if medical := list(dict.fromkeys(word for text in given for word in style.medical(text))):
        flash(_("On a shared phone this may sound medical: {words}").format(words=", ".join(medical)), "wait")
    if orders := list(dict.fromkeys(word for text in given for word in style.orders(text))):
        flash(_("This may sound like an order: {words}").format(words=", ".join(orders)), "wait")
