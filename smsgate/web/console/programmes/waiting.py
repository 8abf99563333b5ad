"""The waiting list, each person with supporters who have room, best first, and why; coordinators propose matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint
from sqlalchemy.orm import Session

from smsgate.core.i18n import speaking
from smsgate.flows.sms import walking
from smsgate.matching import matches, wishes
from smsgate.matching.board import Board, board
from smsgate.matching.fit import Option, Row
from smsgate.matching.matches import Refusal
from smsgate.models import Programme, Seeker, Supporter
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.pages import Form, Page, accept_once, already_done, local, redirect_to, render_page
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

BESIDE_MOST = 3  # supporters shown beside each person; the person's own page shows all


class Beside(NamedTuple):
    """A supporter shown beside someone who is waiting, in words."""

    id: int
    name: str
    reasons: list[str]
    obstacles: list[str]
    needed: str
    room: int


class WaitingRow(NamedTuple):
    """Someone who is waiting, in words."""

    id: int
    name: str
    since: str
    at_front: bool
    said: list[str]
    waits_for: list[str]
    beside: list[Beside]
    more: int


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for the list, for one person, and for proposing a match."""

    @routes.get("/programmes/<int:number>/waiting")
    def programme_waiting(number: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme_of_coordinators(session, number)
            found = board(session, programme, service.now())
            rows = [_row(programme, found, row, BESIDE_MOST) for row in found.rows]
            proposed = [
                (
                    parts.name_of(one.member),
                    parts.name_of(one.supporter.member),
                    local(one.proposed_at, programme),
                )
                for one in found.proposed
            ]
            return render_page("programme_waiting", rows=rows, proposed=proposed, room=sum(found.room.values()))

    @routes.get("/programmes/<int:number>/waiting/<int:seeker>")
    def programme_person(number: int, seeker: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme_of_coordinators(session, number)
            found = board(session, programme, service.now())
            row = next((row for row in found.rows if row.person.id == seeker), None)
            if row is None:
                raise NotFound
            return render_page("programme_person", row=_row(programme, found, row, len(row.options)))

    @routes.get("/programmes/<int:number>/waiting/<int:seeker>/<int:supporter>")
    def programme_propose(number: int, seeker: int, supporter: int) -> Page:
        with service.database.reading() as session:
            return _look(service, session, number, seeker, supporter)

    @routes.post("/programmes/<int:number>/waiting/<int:seeker>/<int:supporter>")
    def programme_proposed(number: int, seeker: int, supporter: int) -> Page:
        return _propose(service, number, seeker, supporter)


def _row(programme: Programme, found: Board, row: Row, most: int) -> WaitingRow:
    seeker = found.seekers[row.person.id]
    return WaitingRow(
        seeker.id,
        parts.name_of(seeker.member),
        local(seeker.asked_at, programme),
        seeker.at_front,
        parts.said_in_words(programme, row.person.wishes, found.areas, own=False),
        parts.obstacles_in_words(row.waits_for),
        [_beside(programme, found, option) for option in row.options[:most]],
        max(0, len(row.options) - most),
    )


def _beside(programme: Programme, found: Board, option: Option) -> Beside:
    return Beside(
        option.helper.id,
        parts.name_of(found.supporters[option.helper.id].member),
        parts.reasons_in_words(programme, option, found.areas),
        parts.obstacles_in_words(option.obstacles),
        parts.needed_in_words(option),
        found.room[option.helper.id],
    )


def _look(service: Service, session: Session, number: int, seeker_id: int, supporter_id: int) -> Page:
    """Render the preview of a proposal: both people, what they said, and the text that both will get."""
    programme = parts.the_programme_of_coordinators(session, number)
    found = board(session, programme, service.now())
    option = found.option(seeker_id, supporter_id)
    if option is None:
        return redirect_to("programme_waiting", refused(Refusal.NOT_WAITING), "wait", number=number)
    seeker, supporter = found.seekers[seeker_id], found.supporters[supporter_id]
    languages = {member.phone.language or "en" for member in (seeker.member, supporter.member)}
    texts = []
    for language in sorted(languages):
        with speaking(language):
            texts.append((language, walking.proposed(service.settings.service_code)))
    said = [
        parts.said_in_words(programme, wishes.read(one.said), found.areas, own=own)
        for one, own in ((seeker, False), (supporter, True))
    ]
    return render_page(
        "programme_propose", seeker=seeker, supporter=supporter, names=_names(seeker, supporter), said=said,
        beside=_beside(programme, found, option), texts=texts, form=Form(),
    )  # fmt: skip


def _names(seeker: Seeker, supporter: Supporter) -> tuple[str, str]:
    return parts.name_of(seeker.member), parts.name_of(supporter.member)


def _propose(service: Service, number: int, seeker_id: int, supporter_id: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        programme = parts.the_programme_of_coordinators(session, number)
        if not accept_once(session, form, now):
            return already_done("programme_waiting", number=number)
        made = matches.propose(session, programme, seeker_id, supporter_id, now, service.settings.service_code)
    if isinstance(made, Refusal):
        return redirect_to("programme_waiting", refused(made), "wait", number=number)
    said = _("We're asking both by text. When both agree, you'll see them under Matches.")
    return redirect_to("programme_waiting", said, number=number)


def refused(refusal: Refusal) -> str:
    """Say why no match was proposed."""
    return {
        Refusal.NO_ROOM: _("Nothing was sent: the supporter has no room now. Someone else may have proposed them."),
        Refusal.NOT_WAITING: _("Nothing was sent: this has changed since you opened the page."),
        Refusal.NOT_POSSIBLE: _("Nothing was sent: these two can't be matched."),
        Refusal.CLOSED: _("Nothing was sent: the programme is closed."),
    }[refusal]
