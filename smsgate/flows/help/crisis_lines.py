"""Crisis lines, chosen by the country of the caller's number, never by where the caller is."""

from __future__ import annotations

from smsgate.core.i18n import _, language_now
from smsgate.flows.actions import LinesHere
from smsgate.flows.actions.crisis_lines import LineSeen
from smsgate.flows.steps import Caller, Do, Flow, Tell

JOINED = "\u00a0"  # a no-break space: no page ends between a name and its number


def lines(caller: Caller) -> Flow:
    """Show every crisis line with its name, or say kindly that there is none."""
    crisis_lines = yield Do("lines", LinesHere(language_now()))
    if crisis_lines:
        yield Tell("\n".join(line_said(line) for line in crisis_lines))
    else:
        yield Tell(_("Sorry, we have no recently checked number for your country."))
    yield Tell(_("This is not an emergency service."))


def line_said(line: LineSeen) -> str:
    """Return a crisis line as shown: `Befrienders: 0722178177 (8-20)`."""
    said = f"{line['name']}: {line['number']}" + (f" ({line['hours']})" if line["hours"] else "")
    return said.replace(" ", JOINED)
