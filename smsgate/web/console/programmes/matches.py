"""Who asks for a coordinator, and who is matched with whom; for coordinators only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint

from smsgate.core.phone_numbers import readable_number
from smsgate.matching import check_ins, matches
from smsgate.models import CheckIn, CheckInAnswer, Match, Programme
from smsgate.web.console.access import current_staff
from smsgate.web.console.pages import Form, Page, accept_once, already_done, local, redirect_to, render_page
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class ToCall(NamedTuple):
    """Someone who asks for a coordinator; they were told that the coordinator sees their number."""

    id: int
    name: str
    number: str
    asks: str
    since: str
    form: Form


class WalkingRow(NamedTuple):
    """Two people who walk together."""

    person: str
    supporter: str
    since: str
    until: str


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for the list, and for recording that someone was called."""

    @routes.get("/programmes/<int:number>/matches")
    def programme_matches(number: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme_of_coordinators(session, number)
            asked = check_ins.to_call(session, programme, current_staff().phone_id)
            calls = [_to_call(programme, one) for one in asked]
            walks = [_walks(programme, match) for match in matches.walks_in(session, programme)]
            return render_page("programme_matches", calls=calls, walks=walks)

    @routes.post("/programmes/<int:number>/calls/<int:check_in>")
    def programme_called(number: int, check_in: int) -> Page:
        form, now = Form(), service.now()
        with service.database.transaction() as session:
            programme = parts.the_programme_of_coordinators(session, number)
            if not accept_once(session, form, now):
                return already_done("programme_matches", number=number)
            done = check_ins.mark_seen(session, programme, check_in, current_staff().phone_id, now)
        said = _("Noted. No longer shown here.") if done else _("This was already done.")
        return redirect_to("programme_matches", said, "done" if done else "wait", number=number)


def _to_call(programme: Programme, one: CheckIn) -> ToCall:
    member = one.match.supporter.member if one.by_supporter else one.match.member
    asks = {
        CheckInAnswer.CALL: _("asks to be called"),
        CheckInAnswer.OTHER: _("would like someone else"),
        CheckInAnswer.REPORTED: _("ended it, and reports it"),
    }
    return ToCall(
        one.id, parts.name_of(member), readable_number(member.phone.number),
        asks.get(one.answer or CheckInAnswer.CALL, ""), local(one.answered_at or one.due_at, programme), Form(),
    )  # fmt: skip


def _walks(programme: Programme, match: Match) -> WalkingRow:
    began, ends = match.began_at or match.proposed_at, match.ends_at or match.proposed_at
    names = (parts.name_of(match.member), parts.name_of(match.supporter.member))
    return WalkingRow(*names, local(began, programme), local(ends, programme))
