"""The first dial: language, what the service is, joining or not, then a group and a name if wanted."""

from __future__ import annotations

from dataclasses import replace

from smsgate.core.i18n import LANGUAGES, _, speak
from smsgate.flows.member import enrol, groups
from smsgate.flows.member.pin_entry import WELCOME
from smsgate.flows.steps import Caller, Choose, Flow, Tell


def sign_up(caller: Caller) -> Flow:
    """Make a stranger a member. Nothing is saved before they choose to join.

    A caller who dialled a code is asked for a name at once; others look for a group first, in few keys (`finding/`).
    """
    language = caller.language or (yield Choose("language", WELCOME, LANGUAGES))
    speak(language)
    join = yield Choose("join", what_this_is(), {"yes": _("Join"), "no": _("Not now")})
    if join == "no":
        yield Tell(_("That is fine. Nothing was stored. You can dial again at any time."))
        return
    yield from enrol.join(caller, language)
    caller = replace(caller, stopped=False)
    if caller.code:
        yield from enrol.say_name()
        yield from groups.by_code(replace(caller, member=True), caller.code)
    else:
        yield from groups.join_one(caller)


def what_this_is() -> str:
    """Return what the service is and what it stores, on one screen."""
    return _(
        "Get group meeting news and text people you choose. We store your number and words until you erase them. Not "
        "for emergencies."
    )
