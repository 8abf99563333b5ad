"""Security events: who signed in or was refused, and who changed what the whole network relies on.

Each is a log line marked `security`, with ids and never a number, written once its transaction has committed. Events
that concern the network are also kept for a year, for its admins to read (`NetworkEntry`).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from smsgate.core.database import after_commit
from smsgate.models.base import Base

log = structlog.get_logger()
_numbers = itertools.count()
SELDOM_SECONDS = 60.0
_seldom: dict[str, float] = {}  # when each event was last logged by this process


class SecurityEvent(StrEnum):
    """What happened, as it is logged and stored."""

    # Signing in to the console.
    CODE_SENT = "code_sent"
    CODE_LIMITED = "code_limited"  # asked for, but this number has had too many
    CODE_FOR_NOBODY = "code_for_nobody"  # asked for by a number without any role
    CODE_DIALLED = "code_dialled"  # read by dialling
    CODE_WRONG = "code_wrong"
    APP_CODE_WRONG = "app_code_wrong"
    SIGN_IN_LIMITED = "sign_in_limited"  # too many tries from one address or browser
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    FACTOR_BEGUN = "factor_begun"  # an authenticator app is being set up
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"  # in place of the app
    # Inside, and at the hooks.
    ACCESS_DENIED = "access_denied"
    FORM_REFUSED = "form_refused"  # not from our pages, or too old
    HOOK_REFUSED = "hook_refused"  # a wrong token
    DATA_EXPORTED = "data_exported"
    # About the network; these are kept.
    ADMIN_APPOINTED = "admin_appointed"
    ADMIN_ENDED = "admin_ended"
    ROLE_OFFERED = "role_offered"
    ROLE_ACCEPTED = "role_accepted"
    ROLE_RENEWED = "role_renewed"
    ROLE_ENDED = "role_ended"
    GROUP_MADE = "group_made"
    GROUP_CLOSED = "group_closed"
    GROUP_REOPENED = "group_reopened"
    HELPLINE_ADDED = "helpline_added"
    HELPLINE_CHANGED = "helpline_changed"
    HELPLINE_REMOVED = "helpline_removed"
    DIRECTORY_SHOWN = "directory_shown"
    DIRECTORY_HIDDEN = "directory_hidden"
    PAUSED = "paused"
    RESUMED = "resumed"


_EVENTS = list(SecurityEvent)
KEPT = frozenset(_EVENTS[_EVENTS.index(SecurityEvent.ADMIN_APPOINTED) :])
WARNINGS = frozenset(
    {
        SecurityEvent.CODE_LIMITED, SecurityEvent.CODE_WRONG, SecurityEvent.APP_CODE_WRONG,
        SecurityEvent.SIGN_IN_LIMITED, SecurityEvent.ACCESS_DENIED, SecurityEvent.FORM_REFUSED,
        SecurityEvent.HOOK_REFUSED,
    }
)  # fmt: skip


class NetworkEntry(Base):
    """One entry in the network's log; added, never changed."""

    __tablename__ = "network_entries"
    what: Mapped[str] = mapped_column(String(40))  # a SecurityEvent of this release or another
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"), index=True)
    about: Mapped[int | None]  # the number of a helpline
    at: Mapped[datetime] = mapped_column(index=True)


def record(
    session: Session,
    event: SecurityEvent,
    now: datetime,
    *,
    by: int | None = None,
    subject: int | None = None,
    group: int | None = None,
    about: int | None = None,
) -> None:
    """Log an event after the commit, and store it if it concerns the network.

    `by` is the phone id of whoever did it, None for the operator; `subject` is the phone id of the person affected.
    """
    if event in KEPT:
        row = NetworkEntry(what=event.value, phone_id=by, subject_id=subject, group_id=group, about=about, at=now)
        session.add(row)
    log_after_commit(session, event, by=by, subject=subject, group=group, about=about)


def log_after_commit(session: Session, event: SecurityEvent, **ids: Any) -> None:  # noqa: ANN401 - ids, as logs take them
    """Log an event once its transaction has committed."""
    after_commit(session, f"security event {next(_numbers)}", partial(log_event, event, **ids))


def log_event(event: SecurityEvent, **ids: Any) -> None:  # noqa: ANN401 - ids, as logs take them
    """Log an event now."""
    given: Mapping[str, Any] = {name: value for name, value in ids.items() if value is not None}
    (log.warning if event in WARNINGS else log.info)(event.value, security=True, **given)


def log_seldom(event: SecurityEvent, **ids: Any) -> None:  # noqa: ANN401 - ids, as logs take them
    """Log an event at most once a minute: strangers can cause it without end, and could fill the disk."""
    now = time.monotonic()
    if now - _seldom.get(event, -SELDOM_SECONDS) >= SELDOM_SECONDS:
        _seldom[event] = now
        log_event(event, **ids)
