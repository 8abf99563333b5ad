"""The status of a help request or of a practice, as its member reads it."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions.results import AskedSeen, RequestSeen
from smsgate.flows.help.plan import EscalationStep


def status_text(request: RequestSeen) -> str:
    """Return the status of a request: who was asked, reached and answered, and when, one person a line."""
    at = _("Practice, {time}") if request["practice"] else _("Sent {time}")
    lines = [at.format(time=request["at"]), *(_recipient_status(person) for person in request["people"])]
    if request["next"]:
        lines.append(f"{request['next_at']}: {_next_step(request['next'])}")
    return "\n".join(lines)


def _recipient_status(person: AskedSeen) -> str:
    status = {
        "answered": _("helping"),
        "declined": _("can't right now"),
        "left": _("stopped"),
        "delivered": _("got it"),
        "sent": _("sent"),
        "going": _("on its way"),
        "lost": _("did not arrive"),
        "unsent": _("not sent"),
    }[person["state"]]
    return f"{person['name']}: {status} {person['at']}".strip()


def _next_step(step: str) -> str:
    return {
        EscalationStep.NEXT: _("next person"),
        EscalationStep.AGAIN: _("once more"),
        EscalationStep.LEADER: _("leader"),
        EscalationStep.LINES: _("numbers to call"),
    }[EscalationStep(step)]
