"""About: what the service is, what is stored about the caller, and the crisis lines."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import WhatIsKept
from smsgate.flows.actions.results import KeptSeen
from smsgate.flows.help.crisis_lines import lines
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def about(caller: Caller) -> Flow:
    """Offer three pages to read."""
    options = {"what": _("What is this?"), "kept": _("What is stored about me"), "lines": _("Numbers to call")}
    page = yield Choose("about", "", options)
    if page == "what":
        yield Tell(what_this_is(caller.service_code))
    elif page == "lines":
        yield from lines(caller)
    else:
        kept = yield Do("kept", WhatIsKept())
        yield Tell(_stored_text(kept))


def what_this_is(service_code: str) -> str:
    """Return the information page, the only text that a number of another country may read."""
    return _(
        "Groups announce meetings here, and you can text people you choose. You're free to join, answer or leave. "
        "Nobody is on watch: this is not an emergency service. To leave, text STOP or dial {code}."
    ).format(code=service_code)


def _stored_text(kept: KeptSeen) -> str:
    lines = [_("Your number, language and what you agreed to.")]
    if kept["name"]:
        lines.append(_("Name: {name}").format(name=kept["name"]))
    lines.append(_("Groups: {groups}. People: {people}.").format(groups=kept["groups"], people=kept["people"]))
    if kept["words"]:
        lines.append(_("Your help text."))
    lines.append(_("Texts not yet erased: {texts}.").format(texts=kept["texts"]))
    lines.append(_("You can erase it all under Settings."))
    return "\n".join(lines)
