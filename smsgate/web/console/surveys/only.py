"""Filtering answers by language or by week, if five people or more are left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import request
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from smsgate.core.i18n import LANGUAGES, say_day_of
from smsgate.core.privacy import is_few, may_be_shown
from smsgate.models import Survey
from smsgate.surveys import answers
from smsgate.web.console.text import _

Part = tuple[str, str, int, ColumnElement[bool]]  # value in the URL, label, number of people, and the SQL condition


class Only(NamedTuple):
    """The filter of a page of answers; without a value, there is none."""

    offered: list[tuple[str, str]]  # (value, label) of the filters to choose from
    value: str = ""
    label: str = ""
    people: int = 0
    which: tuple[ColumnElement[bool], ...] = ()
    beside: tuple[ColumnElement[bool], ...] = ()  # the conditions of all filters of the same kind


def chosen(session: Session, one: Survey) -> Only:
    """Return the filter that the URL asks for, if it may be shown."""
    spoken, weeks = answers.by_language(session, one), answers.by_week(session, one)
    languages: list[Part] = [
        (code, LANGUAGES.get(code, code), count, answers.of_language(code)) for code, count in spoken.items()
    ]
    mondays: list[Part] = [
        (monday.isoformat(), _week_said(monday), count, answers.of_week(one, monday)) for monday, count in weeks.items()
    ]
    kinds = [kind for kind in (languages, mondays) if len(kind) > 1]
    offered = [(value, label) for kind in kinds for value, label, count, _which in kind if not is_few(count)]
    for kind in kinds:
        for value, label, count, which in kind:
            if value == request.args.get("only") and not is_few(count):
                return Only(offered, value, label, count, (which,), tuple(part[3] for part in kind))
    return Only(offered)


def _week_said(monday: date) -> str:
    return _("Week from {day}").format(day=say_day_of(monday.isoformat()))


def counted(session: Session, one: Survey, found: Mapping[str, Any], only: Only) -> list[answers.Counted]:
    """Count the filtered answers; -1 stands for a count that would reveal fewer than five people by subtraction."""
    shown = answers.counts(session, one, found, *only.which)
    if not only.which:
        return shown
    parts = [answers.counts(session, one, found, which) for which in only.beside]
    return [
        answers.Counted(
            each.step,
            each.words,
            [
                (name, label, count if may_be_shown(count, [part[at].options[row][2] for part in parts]) else -1)
                for row, (name, label, count) in enumerate(each.options)
            ],
        )
        for at, each in enumerate(shown)
    ]
