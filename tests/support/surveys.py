"""A survey as in a file, and publishing it to a group."""

from __future__ import annotations

from typing import Any

from smsgate.models import Group
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.surveys.definitions.schema import parse_definition
from smsgate.surveys.surveys import SurveyAccess

RIDE: dict[str, Any] = {
    "smsgate": 1,
    "name": "ride",
    "title": {"en": "Getting there"},
    "languages": ["en"],
    "steps": [
        {
            "choose": {"en": "Do you have a way to come?"},
            "as": "way",
            "options": [
                {"is": "have", "label": {"en": "Yes"}, "to": "thanks"},
                {"is": "seek", "label": {"en": "I seek a ride"}},
            ],
        },
        {"ask": {"en": "From where?"}, "as": "place", "longest": 40},
        {"say": {"en": "Thank you."}, "as": "thanks"},
    ],
}


def publishes(service: Service, group: Group, data: dict[str, Any] | None = None, **reach: Any) -> int:
    """Publish a survey to the group and return its id."""
    with service.database.transaction() as session:
        here, dial = session.get_one(Group, group.id), service.settings.service_code
        one = surveys.create(session, here, parse_definition(data or RIDE), service.now())
        surveys.publish(session, one, None, service.now())
        surveys.set_access(session, one, SurveyAccess(**reach), dial)
        return one.id
