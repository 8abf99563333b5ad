"""For leaders: requests to join a group, and answering them."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import AnswerAsked, AskedToJoin
from smsgate.flows.actions.results import LedSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def asked(caller: Caller, group: LedSeen) -> Flow:
    """Approve or decline one join request, shown by the name that the person chose. They are told the answer."""
    askers = yield Do("asked_to_join", AskedToJoin(group["id"]))
    if not askers:
        yield Tell(_("Nobody is asking to join."))
        return
    names = {str(asker["id"]): asker["name"] or _("Somebody") for asker in askers}
    chosen = yield Choose("who_asks", _("Requests to join"), names)
    options = {"later": _("Later"), "yes": _("Let them in"), "no": _("Say no, kindly")}
    answer = yield Choose("let_in", names[chosen], options)
    if answer == "later":
        yield Tell(_("Nothing was changed."))
    elif (yield Do("asked_answered", AnswerAsked(group["id"], int(chosen), answer == "yes"))):
        yield Tell(_("Thank you. They are told."))
    else:
        yield Tell(_("Somebody has answered already."))
