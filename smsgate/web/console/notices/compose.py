"""A notice as it is written: its fields, what may be chosen in a group, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.leader.notices import moment_said, too_long
from smsgate.meetings import time_input
from smsgate.models import Audience, Group
from smsgate.notices import notices, summaries
from smsgate.web.console.pages import Form
from smsgate.web.console.text import _


class Writing(Form):
    """A notice as it is written."""

    words = TextAreaField(validators=[DataRequired()])
    words_en = TextAreaField()
    words_sw = TextAreaField()
    words_fr = TextAreaField()
    whom = RadioField(default="everybody", choices=[])
    when = RadioField(default="now", choices=[])
    at = StringField()

    def versions(self) -> dict[str, str]:
        """The words in other languages, where there are some."""
        typed = {language: self[f"words_{language}"].data or "" for language in LANGUAGES}
        return {language: words for language, words in typed.items() if words.strip()}

    def refuse(self, name: str, why: str) -> None:
        """Say beside a field what is wrong with it."""
        self[name].errors = [*self[name].errors, why]


def offer(session: Session, form: Writing, group: Group, now: datetime) -> None:
    """What may be chosen in this group."""
    choices = summaries.choices(session, group.id, now)
    whom = [("everybody", _("Everybody"))]
    if choices["coming"]:
        whom.append(("coming", _("Those who said that they come to the next meeting")))
    if len(choices["languages"]) > 1:
        whom += [(one, _("Those who speak {language}").format(language=LANGUAGES[one])) for one in choices["languages"]]
    form.whom.choices = whom
    form.when.choices = [("now", _("Now")), ("later", _("At a time"))]


def wish_of(form: Writing, group: Group, now: datetime) -> notices.NoticeContent | None:
    """What is wanted, or None with what is wrong beside its field."""
    versions = form.versions()
    typed = {"words": form.words.data or "", **{f"words_{one}": said for one, said in versions.items()}}
    for name, words in typed.items():
        try:
            notices.fit(words)
        except notices.TooLong as wrong:
            form.refuse(name, too_long(wrong.over))
        except Invalid:
            form.refuse(name, _("There is nothing in it yet."))
    due = _due(form, group, now)
    if form.errors:
        return None
    whom = form.whom.data
    if whom in LANGUAGES:
        return notices.NoticeContent(typed["words"], versions, Audience.SPEAKERS, whom, due)
    return notices.NoticeContent(typed["words"], versions, Audience(whom), None, due)


def _due(form: Writing, group: Group, now: datetime) -> datetime | None:
    if form.when.data != "later":
        return None
    try:
        local = datetime.fromisoformat(form.at.data or "")
        return time_input.ahead(local.replace(tzinfo=None), ZoneInfo(group.zone), now)
    except time_input.NotAMoment as error:
        form.refuse("at", moment_said(error.wrong))
    except ValueError:
        form.refuse("at", moment_said(""))
    return None
