"""Changes that text people are previewed first, and made only when exactly the previewed form is confirmed.

A page with such a change has a `ConfirmForm`. On the first press `confirm_change` makes the change in a session that
is rolled back, and shows how many people get a text, when, what it says and what it costs. `looked` in the form is a
fingerprint of what was previewed, so the second press makes exactly that change; if anything was edited in between,
the form is previewed again. The form is accepted once, in the same transaction that makes the change and writes the
audit log. Texts that were queued can be stopped under Sent and scheduled (`notices/outgoing.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField

from smsgate.core.database import among
from smsgate.core.i18n import SOURCE, say_when
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.models import Group, Message, MessageKind, Phone
from smsgate.notices import pricing
from smsgate.outbox import messages, quiet_hours
from smsgate.web.console.access import current_staff
from smsgate.web.console.fields import warn_about_wording
from smsgate.web.console.pages import Form, Page, accept_once, already_done, fingerprint, redirect_to
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

TEXTS_SHOWN = 6


@dataclass(frozen=True)
class Effect:
    """What a change did: when its texts are due and expire, and a sentence about what happens to dates, or ""."""

    expires_at: datetime
    dates: str = ""
    due_at: datetime | None = None  # None: now
    kind: MessageKind = MessageKind.MEETING_NEWS
    queued: ColumnElement[bool] | None = None  # selects its texts if they were queued by an SQL statement


class ConfirmForm(Form):
    """A form whose change is previewed before it is made; `looked` is the fingerprint of what was previewed."""

    aside: ClassVar[tuple[str, ...]] = ("once", "seen", "looked", "do", "csrf_token")  # not part of the preview
    looked = HiddenField()
    do = StringField()

    def is_confirmed(self) -> bool:
        """Return whether this press confirms exactly the preview; sets `looked` to the form's current fingerprint."""
        previewed, self.looked.data = self.looked.data, fingerprint(self._typed())
        return self.do.data == "do" and previewed == self.looked.data

    def _typed(self) -> list[tuple[str, object]]:
        return [(name, value) for name, value in sorted(self.data.items()) if name not in self.aside]


@dataclass(frozen=True)
class Preview:
    """Who gets a text, when, what it says and costs; `dates` says what else happens to dates."""

    people: int
    leaves: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)  # (language code, words)
    dates: str = ""
    price: str = ""  # "" if unknown


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change and its next page. `find_group` and `make` run twice, in two sessions: as a preview, then for real."""

    now: datetime  # read once per request
    find_group: Callable[[Session], Group]  # raises NotFound or Forbidden
    make: Callable[[Session, Group], Effect]  # raises Invalid
    audit: tuple[AuditEvent, int | None]  # the event for the audit log, and the id that it is about
    show_form: Callable[[Preview | None], Page]  # called with None if someone else changed the data meanwhile
    done: str  # the sentence on the next page
    next_page: tuple[str, dict[str, Any]]  # an endpoint and its values
    state: Callable[[Session], str] | None = None  # locks the row and returns its fingerprint, to compare with `seen`
    wording: tuple[str | None, ...] = ()  # what was typed, to warn about its wording
    always: bool = True  # preview even if nobody gets a text


def confirm_change(service: Service, form: ConfirmForm, change: Change) -> Page:
    """Preview the change, or make it if the form confirms what was previewed. Raise Invalid if the change does."""
    if not form.is_confirmed():
        preview, state = _preview(service, change)
        if preview.people or change.always:
            form.seen.data = form.seen.data or state
            return change.show_form(preview)
    endpoint, values = change.next_page
    with service.database.transaction() as session:
        group = change.find_group(session)
        if not accept_once(session, form, change.now):
            return already_done(endpoint, **values)
        state = change.state(session) if change.state else ""
        stale = change.state is not None and form.seen.data not in (None, "", state)
        if not stale:
            change.make(session, group)
            event, about = change.audit
            audit_log.record(session, group.id, current_staff().phone_id, event, change.now, about)
    if stale:
        form.renew(state)
        return change.show_form(None)
    warn_about_wording(*change.wording)
    return redirect_to(endpoint, change.done, **values)


def _preview(service: Service, change: Change) -> tuple[Preview, str]:
    """Return what the change would do, and the fingerprint of the data before it, for forms opened without one."""
    with service.database.rolled_back_session() as session:
        group = change.find_group(session)
        state = change.state(session) if change.state else ""
        effect = change.make(session, group)
        session.flush()
        queued = _queued_texts(session, effect)
        people = len({phone_id for phone_id, _language, _words, _parts in queued})
        texts = sorted({(language or SOURCE, words or "") for _phone, language, words, _parts in queued})[:TEXTS_SHOWN]
        parts = sum(parts for _phone, _language, _words, parts in queued)
        return Preview(
            people,
            leaves_text(group, effect.kind, effect.expires_at, effect.due_at or change.now, change.now),
            texts,
            effect.dates,
            pricing.expected_cost(session, group.id, service.settings.price, people, parts),
        ), state


def _queued_texts(session: Session, effect: Effect) -> list[tuple[int, str | None, str | None, int]]:
    """Return the texts queued in this session, as (phone id, language, words, segments)."""
    known = among(session, Message.id, messages.queued_in(session))
    which = known if effect.queued is None else or_(known, effect.queued)
    rows = select(Message.phone_id, Phone.language, Message.words, Message.segments).where(which)
    found = session.execute(rows.join(Phone, Phone.id == Message.phone_id))
    return [(phone_id, language, words, parts) for phone_id, language, words, parts in found]


def leaves_text(group: Group, kind: MessageKind, expires_at: datetime, due_at: datetime, now: datetime) -> str:
    """Say when texts due at `due_at` will be sent: now, at the chosen time, or after the quiet hours."""
    until = quiet_hours.held_until(quiet_hours.hours_for(group), kind, expires_at, due_at)
    if due_at > now:
        return say_when((until or due_at).astimezone(ZoneInfo(group.zone)))
    if until is None:
        return _("now")
    return _("at {time}, when the quiet hours are over").format(time=f"{until.astimezone(ZoneInfo(group.zone)):%H:%M}")
