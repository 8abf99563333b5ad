"""The menu of a supporter: people proposed to them, the people they walk with, resting, and their role."""

from __future__ import annotations

from smsgate.core.i18n import _, say_day_of
from smsgate.flows.actions import EndSupporting, RestSupporting, SayAboutMe, SetRoom
from smsgate.flows.actions.walking_results import PeopleSeen
from smsgate.flows.matching import agreeing, two
from smsgate.flows.matching.asking import questions
from smsgate.flows.sms.walking import named
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def supporting(caller: Caller, helps: list[PeopleSeen]) -> Flow:
    """Ask for the programme if there are several, then for someone in it or the role itself."""
    seen = helps[0]
    if len(helps) > 1:
        names = {str(one["id"]): one["programme"] for one in helps}
        chosen = yield Choose("supports", _("Which programme?"), names)
        seen = next(one for one in helps if str(one["id"]) == chosen)
    asked = {f"asked{one['id']}": _("New: {name}").format(name=named(one["name"])) for one in seen["proposals"]}
    people = {match: named(name) for match, name in seen["people"].items()}
    text = seen["programme"] if asked or people else _("Nobody is with you now.")
    choice = yield Choose("people_with_me", text, {**people, **asked, "role": _("My role")})
    if choice == "role":
        yield from _role(seen)
    elif choice in asked:
        yield from agreeing.proposal(next(one for one in seen["proposals"] if f"asked{one['id']}" == choice))
    else:
        yield from two.two(caller, int(choice))


def _role(seen: PeopleSeen) -> Flow:
    options = {
        "stay": _("Keep as it is"),
        "me": _("About me"),
        "room": _("For how many"),
        "reminders": _("Reminders"),
        "rest": _("Take new people again") if seen["rests"] else _("Rest"),
        "end": _("End my role"),
    }
    text = _("Supporter until {date}.").format(date=say_day_of(seen["until"]))
    choice = yield Choose("supporter_role", text, options)
    if choice == "stay":
        yield Tell(_("Nothing was changed."))
    elif choice == "me":
        yield from about_me(seen["id"])
    elif choice == "room":
        rooms = {str(number): str(number) for number in range(1, seen["room_most"] + 1)}
        room = yield Choose("room", _("With how many people at once, at most?"), rooms)
        yield Do("room_set", SetRoom(seen["id"], int(room)))
        yield Tell(_("Saved."))
    elif choice == "reminders":
        yield from two.reminders(seen["id"])
    elif choice == "rest":
        yield from _rest(seen)
    else:
        yield from _end(seen)


def about_me(supporter_id: int) -> Flow:
    """Ask what a supporter says of themselves, so that a coordinator can find who fits."""
    said = yield from questions(0, supporter_id)
    yield Do("said_about_me", SayAboutMe(supporter_id, said))
    yield Tell(_("Saved. Coordinators see it, and who may be in touch with you."))


def _rest(seen: PeopleSeen) -> Flow:
    if seen["rests"]:
        yield Do("rests_no_more", RestSupporting(seen["id"], False, True))
        yield Tell(_("Welcome back. A coordinator may ask you again."))
        return
    text = _("Nobody new is proposed to you. And those with you now?")
    options = {"stay": _("Don't rest"), "keep": _("I stay with them"), "end": _("They look for someone else")}
    choice = yield Choose("rests", text, options)
    if choice == "stay":
        yield Tell(_("Nothing was changed."))
        return
    yield Do("rests_now", RestSupporting(seen["id"], True, choice == "keep"))
    yield Tell(_("Rest well. They are asked what they would like.") if choice == "end" else _("Rest well."))


def _end(seen: PeopleSeen) -> Flow:
    text = _("End your role? Those with you are told kindly, and asked what they would like.")
    if (yield Choose("sure_supporter", text, {"no": _("No"), "yes": _("Yes, end it")})) == "yes":
        yield Do("supporter_ended", EndSupporting(seen["id"]))
        yield Tell(_("Your role has ended. Thank you for what you did."))
    else:
        yield Tell(_("Nothing was changed."))
