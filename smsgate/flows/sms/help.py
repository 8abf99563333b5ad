"""Texts about help: invitations to responders, help texts, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence

from smsgate.core.i18n import _, ngettext
from smsgate.flows.spelling import how_it_is_sent


def invitation(who: str) -> str:
    """To someone a member chose as a responder."""
    return _(
        "{who} asks: may they text you when they need someone? Reply 1 for yes, 2 for no. It's fine to say no."
    ).format(who=who)


def help_text(who: str, words: str, key: int = 1) -> str:
    """To one responder: the member's words, to be answered with `key` for yes or the next digit for no."""
    return _("{who}: {words} Reply {yes} if you can help, {no} if you can't.").format(
        who=who, words=words, yes=key, no=key + 1
    )


def along(helps: str, hinders: str, avoid: str) -> str:
    """Return the extra information that follows the words; a part is "" where the member wrote nothing."""
    parts = (
        _("What helps: {words}.").format(words=helps.rstrip(".")) if helps else "",
        _("What doesn't help: {words}.").format(words=hinders.rstrip(".")) if hinders else "",
        _("Please do not call: {words}.").format(words=avoid.rstrip(".")) if avoid else "",
    )
    return " ".join(filter(None, parts))


def practice(words: str) -> str:
    """Return any text of a practice, marked as one."""
    return _("Only a practice: {words}").format(words=words)


def which_member() -> str:
    """To someone who answered an invitation while another question was open; the list of members follows."""
    return _(
        "You were asked more than one thing. Reply with the number of the person you answer, or text NEXT for meetings."
    )


def agreed_thanks(who: str) -> str:
    """To a responder who agreed: what is expected of them and what is not."""
    return _(
        "Thank you. {who} may text you. Answer if you can. Not an emergency service. To rest a day text REST, "
        "to end LEAVE."
    ).format(who=who)


def declined_thanks() -> str:
    """To someone who would rather not be a responder."""
    return _("That is fine. You'll get nothing more from them.")


def on_it_thanks(who: str, no: int = 2) -> str:
    """To the responder who is on it; replying `no` takes that back."""
    return _("Thank you. {who} knows you can help. If you can't after all, reply {no}.").format(who=who, no=no)


def cannot_thanks(who: str) -> str:
    """To a responder who cannot help now."""
    return _("That is fine. {who} knows you can't right now.").format(who=who)


def changed_often(who: str) -> str:
    """To a responder who says again that they are on it, after taking that back several times."""
    return _("You changed your answer often today, so this one isn't passed on. Please call {who}.").format(who=who)


def not_passed_on(who: str, key: int = 1) -> str:
    """To a responder who wrote words instead of their digit."""
    return _("Nobody reads texts here. If you can help, reply {key} and we'll tell {who}. You can also call.").format(
        who=who, key=key
    )


def whom(asked: Sequence[tuple[int, str]]) -> str:
    """To a responder who answered yes or no in words while several requests are open: the digit for each member."""
    choices = ", ".join(_("{key} for {who}").format(key=key, who=who) for key, who in asked)
    return _("For whom? Reply {choices}").format(choices=choices)


def resting(who: str) -> str:
    """To a responder who rests; `who` is the member who last chose them."""
    return _("You'll get no help texts for a day. {who} sees that you're resting. To end it, text REST again.").format(
        who=who
    )


def awake() -> str:
    """To a responder who ended their rest."""
    return _("You'll get help texts again. Thank you.")


def left_chooser(who: str) -> str:
    """To a responder who stopped being one for `who`."""
    return _("You'll get nothing more from {who}. Thank you for what you did.").format(who=who)


def answered(name: str) -> str:
    """To the member: a responder is on it."""
    return _("{name} is helping.").format(name=name)


def not_now(name: str) -> str:
    """To the member: a responder cannot help now."""
    return _("{name} can't help right now.").format(name=name)


def gets_no_more(name: str) -> str:
    """To the member: a responder said STOP, left, or can no longer be reached at this number."""
    return _("{name} gets no more texts from you.").format(name=name)


def nobody_yet(code: str, numbers: str = "") -> str:
    """To the member: nobody has answered, and what they can do; `numbers` are those of crisis lines, without names."""
    if numbers:
        return _("Nobody has answered yet. You could call {numbers} or somebody you know. For more dial {code}").format(
            numbers=numbers, code=code
        )
    return _("Nobody has answered yet. You could call somebody. For more dial {code}").format(code=code)


def still_right(code: str) -> str:
    """To a member who asked for regular reviews of their plan; says no more than that."""
    return _("Are your words and people still right? To check, dial {code}").format(code=code)


def on_its_way(people: int, seconds: int, code: str) -> str:
    """To a member who sent the help text by SMS or by a missed call."""
    if seconds:
        return _("Done. It will be sent in {count} seconds. To cancel it text FINE or dial {code}").format(
            count=seconds, code=code
        )
    said = ngettext("Done. On its way to {count}.", "Done. On its way to {count}.", people).format(count=people)
    return said + " " + _("To cancel it text FINE. To see more dial {code}").format(code=code)


def not_on_its_way(code: str) -> str:
    """To a member who sent the help text by SMS or by a missed call, with nobody to send to."""
    return _(
        "Nobody was told: nobody on your list can be reached right now. You could call somebody, or dial {code}"
    ).format(code=code)


def sent_often(count: int, code: str) -> str:
    """To a member who sent the help text so often within the hour that the next one has to be dialled."""
    return _("It was sent {count} times in an hour. To send it once more dial {code}").format(count=count, code=code)


def sent_already(code: str) -> str:
    """To a member who rings again minutes after a missed call sent the help text."""
    return _("You sent it a few minutes ago. To see who answered, or to send it again, dial {code}").format(code=code)


def words_kept(code: str, typed: str = "") -> str:
    """To a member who texted words of their own for a help text; says which of them are spelled differently."""
    kept = _("Your words are saved. Nobody gets them until you send them. To read them dial {code}").format(code=code)
    return "\n".join(filter(None, (kept, how_it_is_sent(typed))))


def somebody_is_on_it(who: str) -> str:
    """To the other responders: one of them is on it."""
    return _("{who}: somebody is helping. Thank you.").format(who=who)


def somebody_else_too(who: str) -> str:
    """To a responder who is on it: another one is on it too."""
    return _("{who}: somebody else is helping too. Thank you.").format(who=who)


def nobody_is_on_it(who: str, key: int = 1) -> str:
    """To the other responders: the one who was helping can't after all."""
    return _("{who}: nobody is helping after all. Reply {yes} if you can help, {no} if you can't.").format(
        who=who, yes=key, no=key + 1
    )


def over(who: str = "") -> str:
    """To someone who answers a help text that is over, or got one from a member now erased; no name without `who`."""
    if who:
        return _("{who}: this is over, no answer is needed any more. Thank you.").format(who=who)
    return _("The help text that you got is over. No answer is needed any more. Thank you.")


def fine_now(who: str) -> str:
    """To those who got the help text: the member is fine."""
    return _("{who}: I am fine now. Thank you.").format(who=who)


def unsent(name: str, code: str) -> str:
    """To the member: the text to one responder could not be sent."""
    return _(
        "Your text could not be sent to {name}. You could call somebody, or dial {code} to see who got it."
    ).format(name=name, code=code)


def lost(name: str, code: str) -> str:
    """To the member: the network says that the text to one responder did not arrive, or nobody can tell."""
    return _(
        "Your text may not have reached {name}. You could call somebody, or dial {code} to see who got it."
    ).format(name=name, code=code)


def taken_back() -> str:
    """To a member who took a help text back before anybody could read it."""
    return _("Cancelled. Nobody was told.")


def fine_thanks() -> str:
    """To a member who texted that they are fine."""
    return _("Good to hear. Everyone who got your text knows now.")


def newest_taken_back() -> str:
    """To a member who took the newest help text back, while an earlier one may have been read."""
    return _("Cancelled. What you sent before still counts. Dial again to see who answered.")


def over_already() -> str:
    """To a member who takes back a help text that is already over."""
    return _("It was already over. Nothing more will be sent.")


def nothing_open() -> str:
    """To a member who is fine, if nobody who read the help text gets texts any more."""
    return _("Good to hear.")
