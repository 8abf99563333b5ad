"""What a new survey starts from: nothing, an example, or a file."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import request
from wtforms import FileField, SelectField, StringField
from wtforms.validators import Length

from smsgate.core.graphemes import clip
from smsgate.core.i18n import language_now
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from smsgate.web.console.pages import Form
from smsgate.web.console.text import _

EMPTY: dict[str, Any] = {"smsgate": 1, "anonymous": False, "keep_days": 30, "steps": []}


class NewSurveyForm(Form):
    """A new survey: from the library, from a file, or empty."""

    pattern = SelectField(choices=[], validate_choice=False)
    title = StringField(validators=[Length(max=30)])
    file = FileField()


class FromElsewhere(Exception):
    """The file holds RapidPro flows, which are previewed before they are imported."""

    def __init__(self, data: object) -> None:
        super().__init__()
        self.data = data


def new_definition(form: NewSurveyForm) -> dict[str, Any]:
    """Return the definition that a new survey starts with. Raise InvalidDefinition or FromElsewhere."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        with closing(upload):
            content = rapidpro.load(upload.read(rapidpro.MOST_BYTES + 1))
        if rapidpro.is_rapidpro_flow(content):
            raise FromElsewhere(content)
        return dict(parse_definition(content))
    name, title = form.pattern.data or "", clip(" ".join((form.title.data or "").split()), 30)
    if name in (known := yaml_files.library()):
        found = dict(parse_definition(yaml_files.load(known[name])))
        return found | {"title": found["title"] | {language_now(): title}} if title else found
    return {**EMPTY, "name": "flow", "title": {language_now(): title or _("New")}, "languages": [language_now()]}
