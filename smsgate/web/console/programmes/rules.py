"""A programme's texts and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.matching import rules as domain
from smsgate.matching.programmes import LONGEST_NAME, LONGEST_WORDS
from smsgate.matching.rules import BOUNDS, Rules
from smsgate.models import Area, Programme
from smsgate.web.console.fields import WholeNumberField, phones_show_it, required, warn_about_wording
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    changed_meanwhile,
    fingerprint,
    redirect_to,
    render_page,
)
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def _number(column: str) -> WholeNumberField:
    return WholeNumberField(validators=[required(lambda: _("Enter a number.")), NumberRange(*BOUNDS[column])])


class RulesForm(Form):
    """All texts and rules; words and interests have a field for each language."""

    name = StringField(
        validators=[required(lambda: _("Enter the programme's name.")), Length(max=LONGEST_NAME), phones_show_it]
    )
    words_en, words_sw, words_fr = (
        StringField(validators=[Length(max=LONGEST_WORDS), phones_show_it]) for _language in LANGUAGES
    )
    interests_en, interests_sw, interests_fr = (TextAreaField(validators=[phones_show_it]) for _language in LANGUAGES)
    languages = TextAreaField(validators=[phones_show_it])
    areas = SelectMultipleField(coerce=int, validate_choice=True)
    weeks_between, minutes, months = _number("weeks_between"), _number("minutes"), _number("months")
    code_days, room_each, waiting_most = _number("code_days"), _number("room_each"), _number("waiting_most")
    shares_numbers = BooleanField()

    def by_language(self, what: str) -> dict[str, str]:
        """Return what was typed in a field, for each language."""
        return {language: self[f"{what}_{language}"].data or "" for language in LANGUAGES}

    def rules(self) -> Rules:
        """Return the form as the domain's rules."""
        return Rules(
            self.name.data or "", self.by_language("words"),
            {language: said.splitlines() for language, said in self.by_language("interests").items()},
            (self.languages.data or "").splitlines(), self.areas.data or [],
            {column: self[column].data for column in BOUNDS}, bool(self.shares_numbers.data),
        )  # fmt: skip


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the route that shows and saves the form."""

    @routes.route("/programmes/<int:number>/rules", methods=["GET", "POST"])
    def programme_rules(number: int) -> Page:
        now = service.now()
        with service.database.transaction() as session:
            programme = parts.the_programme(session, number, runs=True)
            form = _form(session, programme)
            if not form.is_submitted():
                return render_page("programme_rules", form=form, spoken=LANGUAGES)
            if not form.validate():
                return render_page("programme_rules", 422, form=form, spoken=LANGUAGES)
            session.refresh(programme, with_for_update=True)
            if changed_meanwhile(form, _state(programme)):
                form.renew(fingerprint(_state(programme)))
                return render_page("programme_rules", 422, form=form, spoken=LANGUAGES, meanwhile=True)
            if not accept_once(session, form, now):
                return already_done("programme", number=number)
            try:
                domain.save(programme, form.rules())
            except Invalid as wrong:
                form.name.errors = [*form.name.errors, str(wrong)]
                return render_page("programme_rules", 422, form=form, spoken=LANGUAGES)
        warn_about_wording(*form.by_language("words").values())
        return redirect_to("programme", _("Saved."), number=number)


def _state(programme: Programme) -> list[object]:
    """Return all that the form changes, to compare with `seen`."""
    names = ("name", "words", "interests", "languages", "areas", *BOUNDS, "shares_numbers")
    return [getattr(programme, name) for name in names]


def _form(session: Session, programme: Programme) -> RulesForm:
    lines = {
        f"interests_{language}": "\n".join(words.get(language, "") for words in programme.interests.values())
        for language in LANGUAGES
    }
    words = {f"words_{language}": programme.words.get(language, "") for language in LANGUAGES}
    form = RulesForm(
        obj=programme,
        seen=fingerprint(_state(programme)),
        data={**lines, **words, "languages": "\n".join(programme.languages)},
    )
    if not form.is_submitted():
        form.languages.data = "\n".join(programme.languages)
    areas = session.scalars(select(Area).where(Area.parent_id.is_(None)).order_by(Area.name))
    form.areas.choices = [(area.id, area.name) for area in areas]
    return form
