"""The first steps for a new group, each with a link to its page, and cards to print with the join code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import segno
from flask import Blueprint, g, url_for

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import speaking
from smsgate.groups import join_requests
from smsgate.models import Group
from smsgate.notices.first_steps import FirstStep
from smsgate.web.console.pages import Page, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

CARDS = 8  # per A4 sheet


class ListedStep(NamedTuple):
    """A step as the overview shows it."""

    done: bool
    label: str
    hint: str
    address: str


class CardText(NamedTuple):
    """The text of a card in one language."""

    language: str
    join: str
    dial: str
    free: str


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the route of the cards."""

    @routes.get("/groups/<code>/card")
    def join_card(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            dial = code_below(service.settings.service_code, group.code)
            texts = [_card_text(language) for language in join_requests.languages_of(group)]
        picture = segno.make(f"tel:{dial.replace('#', '%23')}", micro=False).svg_data_uri(scale=3)
        return render_page("join_card", dial=dial, texts=texts, picture=picture, cards=CARDS)


def next_steps() -> list[ListedStep]:
    """Return the first steps still to do, for the page shown right after one was done; none on any other page."""
    return [one for one in listed_steps(g.group, g.get("first_steps") or {}) if not one.done] if "group" in g else []


def _card_text(language: str) -> CardText:
    with speaking(language):
        return CardText(
            language,
            _("Join our group by phone"),
            _("Any phone works. No data, no real name."),
            _("You can leave at any time: text STOP."),
        )


def listed_steps(group: Group, steps: Mapping[FirstStep, bool]) -> list[ListedStep]:
    """Return the steps with their labels, hints and links, in order."""
    at = partial(url_for, code=group.code)
    words = {
        FirstStep.MEETING: (
            _("Plan the first meeting"), _("Members see it on their phones straight away."), at("console.meeting_new"),
        ),
        FirstStep.WELCOME: (
            _("Write a welcome"), _("New members read it when they have joined."),
            at("console.settings", _anchor="joining"),
        ),
        FirstStep.CARD: (
            _("Hand out the join code"), _("Print cards. Done when someone has joined."),
            at("console.join_card"),
        ),
        FirstStep.INVITE: (
            _("Invite people"), _("One text to each person who told you it's fine."),
            at("console.invitations"),
        ),
        FirstStep.LEADER: (
            _("Find a second leader"), _("So the group can go on when you can't."),
            at("console.roles"),
        ),
        FirstStep.NOTICE: (
            _("Send the first notice"), _("First you see the text, how many people get it and the price."),
            at("console.notice_new"),
        ),
    }  # fmt: skip
    return [ListedStep(done, *words[step]) for step, done in steps.items()]
