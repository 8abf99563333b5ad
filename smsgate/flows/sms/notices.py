"""Texts about notices, to leaders, to the operator and to those who reply. None names a group."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions.results import PricedSeen
from smsgate.flows.leader.notices import doubts_said, price_said
from smsgate.flows.spelling import changed_said, odd_said


def asks_to_agree(code: str, dial: str) -> str:
    """To the other leaders of a group: a notice needs a second approver."""
    return _("A notice waits until a second person agrees. To read it, reply {code} or dial {dial}").format(
        code=code, dial=dial
    )


def operator_agrees(number: int) -> str:
    """To the operator: a notice needs a second approver and its group has no other leader."""
    return _("Notice {number} waits until a second person agrees: smsgate notice approve {number}").format(
        number=number
    )


def agreed_to(dial: str) -> str:
    """To the author of a notice that was approved."""
    return _("A second person agreed to your notice: we're sending it. To see progress, dial {dial}").format(dial=dial)


def not_agreed_to(dial: str) -> str:
    """To the author of a notice that was declined, or not approved within a day."""
    return _("Nobody agreed to your notice: it was not sent. To write another one, dial {dial}").format(dial=dial)


def author_gone(dial: str) -> str:
    """To the other leaders: a notice was not sent, since its author no longer leads the group."""
    return _("A planned notice was not sent: its author no longer leads the group. To write one, dial {dial}").format(
        dial=dial
    )


def meeting_cancelled(dial: str) -> str:
    """To the author of a notice for people coming to a meeting: the meeting was cancelled, so it was not sent."""
    return _("Your notice was not sent: its meeting is cancelled. To write another one, dial {dial}").format(dial=dial)


def too_late(dial: str) -> str:
    """To the author of a timed notice that was not sent, since the service stood still for a day at its time."""
    return _("Your notice was not sent: it would have come a day late. To write another one, dial {dial}").format(
        dial=dial
    )


def answer(words: str) -> str:
    """To the person who replied to a notice: a leader's answer."""
    return _("An answer to your text: {words}").format(words=words)


def reply_kept(dial: str) -> str:
    """To someone who replied to a notice; sent once."""
    return _("Thank you. Someone who wrote to you may read it, but not right away. For more, dial {dial}").format(
        dial=dial
    )


def no_role() -> str:
    """To someone who texts NOTICE and no longer leads a group."""
    return _("You have no role in a group now. Nothing was sent.")


def which_group(codes: str) -> str:
    """To a leader of several groups who named none; lists their codes, since a text names no group."""
    return _("You lead more than one group. Text NOTICE, the code of the group, then your words: {codes}").format(
        codes=codes
    )


def empty() -> str:
    """To a leader who texts NOTICE and nothing else."""
    return _("The notice is empty. Text NOTICE and then your words.")


def summary(priced: PricedSeen, code: str, languages: list[str], group: str, typed: str = "") -> str:
    """To the author: what a notice would cost, the warnings, and the code that sends it."""
    if not priced["people"]:
        return _("Nobody in it can get texts right now. Nothing was sent.")
    lines = [f"{group}:" if group else "", price_said(priced)]
    if languages:
        lines.append(_("Also in {languages}").format(languages=", ".join(languages)))
    if respelled := changed_said(typed):
        lines.append(respelled)
    if priced["odd"]:
        lines.append(odd_said(priced["odd"]))
    lines += doubts_said(priced)
    lines.append(_("To send it reply {code} within 30 minutes.").format(code=code))
    return "\n".join(filter(None, lines))


def not_sent_yet(why: str, code: str) -> str:
    """To an author who replied with the code and a time that is refused; `why` says why."""
    return _("{why} Nothing was sent yet: reply {code}, or {code} and a time like 18:30.").format(why=why, code=code)


def another(code: str) -> str:
    """To an author who replied with the code just after someone else sent a notice."""
    return _("Somebody else sent a notice to this group minutes ago. To send yours too, reply {code} again.").format(
        code=code
    )


def wrong_code() -> str:
    """To an author with a waiting notice who replied with another code."""
    return _("That is not the code of your notice. Nothing was sent yet.")


def to_agree(priced: PricedSeen, code: str, words: list[str]) -> str:
    """To the second approver: the notice, its price and how to approve or decline it."""
    how = _("To agree reply {code} OK, else {code} NO").format(code=code)
    return "\n".join([price_said(priced), *words, how])
