"""Settings: language, name, discreet and silent texts, reminders, hours, pause, PIN; leaving everything and erasing."""

from __future__ import annotations

from smsgate.core.i18n import LANGUAGES, _, speak
from smsgate.flows.actions import EraseMe, LeaveAll, MySettings, Set, StartTexts, TakeLanguage, TakeName
from smsgate.flows.member import pin, text_hours
from smsgate.flows.spelling import how_it_is_sent
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, InputType, Tell

LONGEST_NAME = 20
ERASED = "erased"  # the name of the action that erases


def settings(caller: Caller) -> Flow:
    """Change one setting."""
    now = yield Do("settings", MySettings())
    options = {
        "language": _("Language"),
        "name": _("My name"),
        "discreet": _("Private texts: on") if now["discreet"] else _("Private texts: off"),
        "reminders": _("Reminders") if now["reminders"] else _("Reminders: off"),
        "paused": _("Pause: on") if now["paused"] else _("Pause: off"),
        "hours": _("Hours for texts"),
        **({"texts": _("Texts are stopped")} if caller.stopped else {}),
        "leave": _("Leave everything"),
        "erase": _("Erase my data"),
        **({} if caller.by_text else {"pin": _("PIN")}),
        "silent": _("Silent: on") if now["silent"] else _("Silent: off"),
    }
    choice = yield Choose("setting", "", options)
    flows = {
        "language": _language, "name": _name, "reminders": text_hours.reminders, "hours": text_hours.hours,
        "pin": pin.pin, "texts": start_texts, "leave": _leave, "erase": erase,
    }  # fmt: skip
    yield from flows[choice](caller) if choice in flows else _switch(choice, bool(now[choice]))


def start_texts(caller: Caller) -> Flow:
    """Let a number that opted out opt in again. Only its own key or the keyword START does that."""
    again = yield Choose(
        "start_texts", _("This number said STOP. Do you want texts again?"), {"no": _("No"), "yes": _("Yes")}
    )
    if again == "yes":
        yield Do("started", StartTexts())
        yield Tell(_("Texts are on again."))
    else:
        yield Tell(_("You'll get no texts. You can read everything by dialling."))


def _language(caller: Caller) -> Flow:
    language = yield Choose("new_language", "", LANGUAGES)
    yield Do("language_taken", TakeLanguage(language))
    speak(language)
    yield Tell(_("From now on we write to you in this language."))


def _name(caller: Caller) -> Flow:
    name = yield Ask(
        "new_name", _("What name should your people see? It can be any name."),
        input_type=InputType.NAME, longest=LONGEST_NAME, skip=_("No name"),
    )  # fmt: skip
    yield Do("name_taken", TakeName(name))
    yield Tell(_("Saved.") if name else _("You'll go on without a name."))
    if told := how_it_is_sent(name):
        yield Tell(told)


def _switch(setting: str, on: bool) -> Flow:
    choice = yield Choose(f"switch_{setting}", _explanation(setting), {"on": _("On"), "off": _("Off")})
    yield Do(f"switched_{setting}", Set(setting, choice == "on"))
    yield Tell(_("Saved.") if (choice == "on") != on else _("It stays as it is."))


def _explanation(setting: str) -> str:
    return {
        "discreet": _("Private texts: they don't name your group or where it meets."),
        "silent": _("Silent: nothing is sent to this phone. You can read by dialling. Nobody can ask you for help."),
        "paused": _("Paused: no texts from your groups, you can read them by dialling. Your help text still works."),
    }[setting]


def _leave(caller: Caller) -> Flow:
    sure = yield Choose(
        "sure_leave", _("Leave all groups and people? Your help text will be erased too."),
        {"no": _("No"), "yes": _("Yes, leave everything")},
    )  # fmt: skip
    if sure == "yes":
        yield Do("left_all", LeaveAll())
        yield Tell(_("You have left. You'll get no more texts. You can come back at any time."))
    else:
        yield Tell(_("Nothing was changed."))


def erase(caller: Caller) -> Flow:
    """Erase everything about the caller, after two different keys and without asking a reason."""
    sure = yield Choose(
        "sure_erase", _("Erase everything we store about this number? It can't be undone."),
        {"no": _("No"), "yes": _("Yes, erase")},
    )  # fmt: skip
    if sure == "yes":
        yield Do(ERASED, EraseMe())
        yield Tell(_("Everything about you is erased."))
    else:
        yield Tell(_("Nothing was changed."))
