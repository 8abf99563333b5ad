"""The form for a notice: its fields, the choices that the group has, and its validation."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField, StringField, TextAreaField

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.leader.notices import moment_said, too_long
from smsgate.meetings import time_input
from smsgate.models import Audience, Group
from smsgate.notices import audience, notices
from smsgate.notices.audience import AudienceSelector
from smsgate.web.console.fields import required
from smsgate.web.console.pages import Form, few
from smsgate.web.console.text import _, ngettext


class NoticeForm(Form):
    """A notice: its words in each language, its audience, and when it is sent."""

    words = TextAreaField(validators=[required(lambda: _("Write the notice first."))])
    words_en = TextAreaField()
    words_sw = TextAreaField()
    words_fr = TextAreaField()
    whom = RadioField(default="everybody", choices=[])
    when = RadioField(default="now", choices=[])
    at = StringField()
    draft = HiddenField()  # the id of the draft that this one replaces

    def versions(self) -> dict[str, str]:
        """Return the words in other languages, by language code, without empty ones."""
        typed = {language: self[f"words_{language}"].data or "" for language in LANGUAGES}
        return {language: words for language, words in typed.items() if words.strip()}

    def refuse(self, name: str, why: str) -> None:
        """Add an error to a field."""
        self[name].errors = [*self[name].errors, why]


def offer_choices(session: Session, form: NoticeForm, group: Group, now: datetime) -> None:
    """Fill in the audiences and times that this group can choose from."""
    spoken = audience.languages(session, group.id)
    whom = [("everybody", _("Everybody"), AudienceSelector(group.id))]
    if (meeting := audience.next_meeting(session, group.id, now)) is not None:
        said = _("Those who said they're coming to the next meeting")
        whom.append(("coming", said, AudienceSelector(group.id, Audience.COMING, meeting_id=meeting)))
    for one in spoken if len(spoken) > 1 else ():
        said = _("Those who speak {language}").format(language=LANGUAGES[one])
        whom.append((one, said, AudienceSelector(group.id, Audience.SPEAKERS, one)))
    form.whom.choices = [
        (value, f"{said} ({_people(notices.count_recipients(session, selector))})") for value, said, selector in whom
    ]
    form.when.choices = [("now", _("Now")), ("later", _("Later"))]


def _people(count: int) -> str:
    return ngettext("{count} person", "{count} people", count).format(count=few(count))


def read_content(form: NoticeForm, group: Group, now: datetime) -> notices.NoticeContent | None:
    """Return the content of the notice; if it is invalid, add errors to the fields and return None."""
    versions = form.versions()
    typed = {"words": form.words.data or "", **{f"words_{one}": said for one, said in versions.items()}}
    for name, words in typed.items():
        try:
            notices.fit(words)
        except notices.TooLong as wrong:
            form.refuse(name, too_long(wrong.over))
        except Invalid:
            form.refuse(name, _("Write the notice first."))
    due = _due(form, group, now)
    if form.errors:
        return None
    whom = form.whom.data
    if whom in LANGUAGES:
        return notices.NoticeContent(typed["words"], versions, Audience.SPEAKERS, whom, due)
    return notices.NoticeContent(typed["words"], versions, Audience(whom), None, due)


def _due(form: NoticeForm, group: Group, now: datetime) -> datetime | None:
    if form.when.data != "later":
        return None
    try:
        local = datetime.fromisoformat(form.at.data or "")
        return time_input.near_future_utc(local.replace(tzinfo=None), ZoneInfo(group.zone), now)
    except time_input.InvalidTime as error:
        form.refuse("at", moment_said(error.wrong))
    except ValueError:
        form.refuse("at", moment_said(""))
    return None
