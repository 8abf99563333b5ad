"""How long each kind of encrypted data is kept: the one list, which a docs page puts into words.

Every sealed column is listed here by its purpose. `tests/members/test_kept.py` checks that, and that the days agree
with `docs/understand/privacy.md`. `retention.py` deletes what has expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from smsgate.core.database import INDEX_PURPOSE
from smsgate.directory import leaders, start_requests
from smsgate.groups import invitations, roles
from smsgate.matching import carrying
from smsgate.matching import retention as matching

ONCE = timedelta(days=2)  # records that prevent repeats: the provider resends an inbound SMS for 12 hours
NOTICES = timedelta(days=90)  # the words of a notice, after it was sent
HELP_REQUESTS = timedelta(days=90)  # with who was asked and who answered, after it ended
SIGN_INS = timedelta(days=44)  # to the console, after their last use: 14 days on one's own device, and 30 more


@dataclass(frozen=True)
class Kept:
    """How long one kind of words is kept: for `days`, for as many days as a setting says, or as `why` explains."""

    row: str  # how its row on that page begins
    days: timedelta | None = None
    setting: str = ""  # of the installation, a group or a survey; the page gives its default
    why: str = ""


OWN = "their own: changed or erased by the member alone, who needs it on a hard day"
PLAN = Kept("help texts, extra information", why=OWN)

KEPT: Mapping[str, Kept] = {
    "phone.number": Kept("number, language", why="texts reach nobody without it; strangers are forgotten in two days"),
    "member.name": Kept("a chosen name", why=OWN),
    "help_text.words": PLAN,
    "help_plan.helps": PLAN,
    "help_plan.hinders": PLAN,
    "help_plan.avoid": PLAN,
    "help_plan.word": PLAN,
    "responder.name": PLAN,
    "never_contact.number": PLAN,
    "pin.first": Kept("a PIN and a second one", why=OWN),
    "pin.second": Kept("a PIN and a second one", why=OWN),
    "pin.code": Kept("codes: ", timedelta(days=1)),
    "appointment.name": Kept("a role in a group", why="gone with the role, a year after it ended"),
    "role_code.code": Kept("codes: ", roles.CODE_LASTS),
    "sign_in_code.code": Kept("codes: ", timedelta(days=1)),
    "programme_offer.code": Kept("codes: ", roles.CODE_LASTS),
    "number_import.content": Kept("a file of numbers", timedelta(days=1)),
    "number_import.found": Kept("a file of numbers", timedelta(days=1)),
    "seeker.said": Kept("what they said when they asked", why="until they leave the list, or erased"),
    "supporter.said": Kept("what they said when they asked", why="until they leave the list, or erased"),
    "match_meeting.place": Kept("a match, its meetings", matching.MATCHES),
    "carried_text.words": Kept("what two wrote to each other", carrying.KEPT),
    "message.words": Kept("texts that went out", setting="keep_words_days"),
    "inbound.words": Kept("texts that came in", ONCE),
    "deed.result": Kept("what a call or a text did", ONCE),
    "notice.words": Kept("the words of a notice", NOTICES),
    "notice_version.words": Kept("the words of a notice", NOTICES),
    "notice_reply.words": Kept("what they wrote back to a notice", setting="replies_days"),
    "survey_answer.value": Kept("answers to a group's own flow", setting="keep_days"),
    "start_request.place": Kept("a wish to start a group", start_requests.KEPT),
    "start_request.idea": Kept("a wish to start a group", start_requests.KEPT),
    "leader_notice.words": Kept("a notice to all leaders", leaders.KEPT),
    "invitation.number": Kept("a number that was invited", invitations.LISTED),
    "authenticator.secret": Kept("an authenticator app", why="signing in asks for it until it is taken off"),
    INDEX_PURPOSE: Kept("", why="the service's own: it tells of nobody"),
}
