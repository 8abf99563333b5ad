"""Cards to print and hand out, in batches that share a code and a last day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import NumberRange

from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, say_day_of, speaking
from smsgate.matching import programmes
from smsgate.models import CardBatch, Programme
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.fields import WholeNumberField, is_a_day, parse_day, required
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class CardsForm(Form):
    """How many cards to make, and the day from which they are handed out."""

    cards = WholeNumberField(
        validators=[required(lambda: _("Enter how many cards.")), NumberRange(1, programmes.CARDS_MOST)]
    )
    handed_out_on = StringField(validators=[required(lambda: _("Enter the day.")), is_a_day])


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for listing, making and printing batches."""

    @routes.get("/programmes/<int:number>/cards")
    def programme_cards(number: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme(session, number)
            day = programmes.today(programme, service.now()).isoformat()
            form = CardsForm(data={"cards": 20, "handed_out_on": day}, formdata=None)
            return _page(session, programme, form)

    @routes.post("/programmes/<int:number>/cards")
    def programme_cards_made(number: int) -> Page:
        return _make(service, number)

    @routes.get("/programmes/<int:number>/cards/<int:batch>")
    def programme_cards_print(number: int, batch: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme(session, number)
            found = session.get(CardBatch, batch)
            if found is None or found.programme_id != programme.id:
                raise NotFound
            return _printed(programme, found, service.settings.service_code)


def _page(session: Session, programme: Programme, form: CardsForm, status: int = 200) -> Page:
    batches = programmes.batches_of(session, programme)
    rows = [(one, say_day_of(one.handed_out_on.isoformat()), say_day_of(one.last_day.isoformat())) for one in batches]
    return render_page("programme_cards", status, rows=rows, form=form, days=programme.code_days)


def _make(service: Service, number: int) -> Page:
    form, now = CardsForm(), service.now()
    with service.database.transaction() as session:
        programme = parts.the_programme(session, number)
        day = parse_day(form.handed_out_on.data)
        if not form.validate() or day is None:
            return _page(session, programme, form, 422)
        if not accept_once(session, form, now):
            return already_done("programme_cards", number=number)
        try:
            made = programmes.make_cards(session, programme, form.cards.data or 0, day, now)
        except Invalid as wrong:
            return redirect_to("programme_cards", str(wrong), "wrong", number=number)
    return redirect_to("programme_cards_print", number=number, batch=made.id)


def _printed(programme: Programme, batch: CardBatch, service_code: str) -> Page:
    """Render the batch for printing, each card in every language."""
    dial = code_below(service_code, batch.code)
    sides = []
    for language in LANGUAGES:
        with speaking(language):
            sides.append((language, programmes.words_for(programme, language), _card_words(dial, batch)))
    return render_page("programme_card", batch=batch, sides=sides, count=range(batch.cards))


def _card_words(dial: str, batch: CardBatch) -> str:
    text = _("Dial {dial} or text JOIN {code}. It's your choice, and leaving is free. Valid until {day}.")
    return text.format(dial=dial, code=batch.code, day=say_day_of(batch.last_day.isoformat()))
