"""My help text: see it, write it, take a prepared one, remove it."""

from __future__ import annotations

from smsgate.flows.actions import KeepWords, MyPlan
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell
from smsgate.i18n import _

LONGEST = 120  # with who it is from and how to answer, it stays within two segments


def help_text(caller: Caller) -> Flow:
    """The words stay with the member until the member sends them."""
    plan = yield Do("plan", MyPlan())
    options = {"write": _("Write my own"), "prepared": _("Take a prepared one")}
    if plan["words"]:
        options["remove"] = _("Remove it")
    change = yield Choose("change", _shown(plan["words"]), options)
    words = ""
    if change == "write":
        words = yield Ask("words", _("Type the words that your people will get."), longest=LONGEST)
    elif change == "prepared":
        texts = prepared()
        words = texts[(yield Choose("prepared", _("Which words?"), texts))]
    yield Do("words_kept", KeepWords(words))
    if words:
        yield Tell(_("Kept. It goes out only when you send it."))
    else:
        yield Tell(_("Removed. If you send without words of your own, we say: {words}").format(words=standard()))


def prepared() -> dict[str, str]:
    """Texts to choose from."""
    return {
        "call": _("Please call me."),
        "come": _("Please come to me."),
        "sit": _("Please sit with me. No police unless I ask."),
        "word": _("I could use a kind word today."),
    }


def standard() -> str:
    """What is sent for somebody who prepared no words: a partial plan is a whole one."""
    return _("Please get in touch with me.")


def _shown(words: str) -> str:
    if words:
        return _("Your help text: {words}").format(words=words)
    return _("You have no words of your own yet. We would say: {words}").format(words=standard())
