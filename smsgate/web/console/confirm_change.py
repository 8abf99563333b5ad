"""What a change would tell whom, before it is made: it is made and taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField

from smsgate.core.i18n import SOURCE
from smsgate.meetings.change_notices import NotificationResult
from smsgate.models import Group, Message, MessageKind, Phone
from smsgate.outbox import quiet_hours
from smsgate.web.console.pages import Form, fingerprint
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

TEXTS_SHOWN = 6


@dataclass(frozen=True)
class Preview:
    """How many people are told, when, and in which words; `dates` says what else becomes of dates."""

    people: int
    leaves: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)  # the code of a language, words
    dates: str = ""


class Looked(Form):
    """A form that is looked at before it is done: `looked` is what was looked at."""

    looked = HiddenField()
    do = StringField()

    def was_looked_at(self) -> bool:
        """Whether somebody saw what exactly this does, and pressed to do it; else they are shown it now."""
        now = fingerprint(self._typed())
        before, self.looked.data = self.looked.data, now
        return self.do.data == "do" and before == now

    def _typed(self) -> list[tuple[str, object]]:
        aside = {"once", "seen", "looked", "do", "csrf_token"}
        return [(name, value) for name, value in sorted(self.data.items()) if name not in aside]


def preview(service: Service, group: Group, do: Callable[[Session], tuple[NotificationResult, str]]) -> Preview:
    """Have it done and taken back; `do` gives whom it tells, and a sentence about dates or "". Raises Invalid."""
    now = service.now()
    try:
        with service.database.nothing_kept() as session:
            told, dates = do(session)
            session.flush()
            said = _said(session, group, now)
    finally:
        g.group = group  # what was taken back is not shown around the page
    return Preview(told.people, _leaves(group, told.expires_at, now), said, dates)


def _said(session: Session, group: Group, now: datetime) -> list[tuple[str, str]]:
    """The texts that were queued, each once, with their languages."""
    mine = (Message.group_id == group.id, Message.created_at == now, Message.kind == MessageKind.MEETING_NEWS)
    rows = select(Message.words, Phone.language).join(Phone, Phone.id == Message.phone_id).where(*mine)
    said = {(language or SOURCE, words or "") for words, language in session.execute(rows)}
    return sorted(said)[:TEXTS_SHOWN]


def _leaves(group: Group, expires_at: datetime, now: datetime) -> str:
    until = quiet_hours.waits_until(quiet_hours.hours_for(group), MessageKind.MEETING_NEWS, expires_at, now)
    if until is None:
        return _("at once")
    return _("at {time}, when the quiet hours are over").format(time=f"{until.astimezone(ZoneInfo(group.zone)):%H:%M}")


def renew(form: Form, stands: str) -> None:
    """The form is to be sent once more, now that what stands there was shown."""
    form.seen.data, form.once.data = stands, secrets.token_urlsafe(18)
