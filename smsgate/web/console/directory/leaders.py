"""Notices from the network to all leaders, previewed with the number of people they reach, then sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request
from wtforms import TextAreaField

from smsgate.core.i18n import LANGUAGES
from smsgate.directory import leaders
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import require_network_admin
from smsgate.web.console.fields import at_most, phones_show_it, required
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from smsgate.service import Service

SHOWN_MOST = 20


class LeaderNoticeForm(Form):
    """The words of a notice to all leaders."""

    words = TextAreaField(
        validators=[required(lambda: _("Write the notice first.")), at_most(leaders.LONGEST_NOTICE), phones_show_it]
    )
    words_en, words_sw, words_fr = (
        TextAreaField(validators=[at_most(leaders.LONGEST_NOTICE), phones_show_it]) for _language in LANGUAGES
    )

    @property
    def others(self) -> list[tuple[str, TextAreaField]]:
        """The field of each language, with the language's name."""
        return [(name, self[f"words_{code}"]) for code, name in LANGUAGES.items()]

    def translations(self) -> dict[str, str]:
        """Return the words for each language, "" for none."""
        return {code: self[f"words_{code}"].data or "" for code in LANGUAGES}


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for writing to all leaders, for admins of the network."""

    @routes.get("/leaders")
    def leaders_here() -> Page:
        require_network_admin(current_staff())
        return _page(service, LeaderNoticeForm())

    @routes.post("/leaders")
    def leaders_tell() -> Page:
        require_network_admin(current_staff())
        form, now = LeaderNoticeForm(), service.now()
        if not form.validate_on_submit():
            return _page(service, form, 422)
        if request.form.get("do") != "send":
            return _page(service, form, preview=True)
        with service.database.transaction() as session:
            if not accept_once(session, form, now):
                return already_done("leaders_here")
            notice = leaders.tell_all(
                session, form.words.data or "", now, by=current_staff().phone_id, translations=form.translations()
            )
            people = notice.people
        said = ngettext("Sending to {people} leader.", "Sending to {people} leaders.", people)
        return redirect_to("leaders_here", said.format(people=people))


def _page(service: Service, form: LeaderNoticeForm, status: int = 200, *, preview: bool = False) -> Page:
    with service.database.reading() as session:
        return render_page(
            "leaders", status, form=form, preview=preview, people=leaders.count_leading(session, service.now()),
            rows=leaders.recent_notices(session, SHOWN_MOST), longest=leaders.LONGEST_NOTICE, days=leaders.KEPT.days,
        )  # fmt: skip
