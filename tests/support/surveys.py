"""A survey as a file holds it."""

from __future__ import annotations

from typing import Any

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
