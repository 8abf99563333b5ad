"""What an author should consider before publishing a survey; none of it blocks publishing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsgate.core.i18n import LANGUAGES
from smsgate.groups import join_requests
from smsgate.models import Survey
from smsgate.web.console.text import _


def doubts(one: Survey, draft: Mapping[str, Any]) -> list[str]:
    """Return warnings if the survey lacks a language of the group, or members have no way to reach it."""
    spoken = join_requests.languages_of(one.group)
    missing = [LANGUAGES[code] for code in spoken if code not in draft["languages"]]
    said = _("Your group also uses {languages}. Members who use it get another language here.")
    no_way = not (one.in_menu or one.after_joining or one.keyword or one.code)
    return [
        *([said.format(languages=", ".join(missing))] if missing else []),
        *([_("Members can't reach it yet. Choose a way below.")] if no_way else []),
    ]
