"""Every text that is pushed by SMS, with the longest that it may carry: each costs one SMS, in every language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from smsgate import notice_texts, texts
from smsgate.flows.actions import LONGEST_GROUP, LONGEST_NAME, LONGEST_PLACE
from smsgate.flows.everybody import CODE
from smsgate.flows.help_text import prepared, standard
from smsgate.flows.notice_replies import LONGEST_ANSWER
from smsgate.flows.notices import moment_said
from smsgate.flows.seen import PricedSeen

WHO = f"{LONGEST_NAME} (+254 711 000001)"
WHEN = datetime(2026, 9, 23, 14, 0)


def _help(name: str) -> Callable[[], str]:
    return lambda: texts.help_text(WHO, prepared()[name])


_DATES: dict[str, Callable[[str], str]] = {
    "cancelled": lambda dates: texts.dates_cancelled(dates, WHEN, LONGEST_GROUP, CODE),
    "cancelled, all": lambda dates: texts.dates_cancelled(dates, None, LONGEST_GROUP, CODE),
    "changed": lambda dates: texts.dates_changed(dates, WHEN, LONGEST_GROUP, CODE),
    "on after all": lambda dates: texts.on_after_all(dates, LONGEST_GROUP, CODE),
    "elsewhere": lambda dates: texts.elsewhere(dates, LONGEST_PLACE, LONGEST_GROUP, CODE, tells=True),
    "discreetly elsewhere": lambda dates: texts.elsewhere(dates, "", "", CODE, tells=True),
    "elsewhere, ask": lambda dates: texts.elsewhere(dates, "", LONGEST_GROUP, CODE, tells=False),
}


def _dates(name: str) -> Callable[[], str]:
    return lambda: _DATES[name](texts.some_dates(WHEN, 99))


_PRICED: PricedSeen = {
    "wrong": "", "odd": "", "medical": "", "order": "", "parts": "1-4", "people": 10_000, "price": "KES 123456.80",
    "leaves": "",
}  # fmt: skip
PUSHED: dict[str, Callable[[], str]] = {
    "invitation": lambda: texts.invitation(WHO),
    "agreed": lambda: texts.agreed_thanks(WHO),
    "declined": texts.declined_thanks,
    "on it": lambda: texts.on_it_thanks(WHO),
    "not passed on": lambda: texts.not_passed_on(WHO),
    "answered": lambda: texts.answered(LONGEST_NAME),
    "taken": lambda: texts.somebody_is_on_it(WHO),
    "fine": lambda: texts.fine_now(WHO),
    "unsent": lambda: texts.unsent(LONGEST_NAME, CODE),
    "reminder": lambda: texts.reminder(WHEN, LONGEST_GROUP, LONGEST_PLACE, CODE, discreet=False),
    "discreet reminder": lambda: texts.reminder(WHEN, LONGEST_GROUP, LONGEST_PLACE, CODE, discreet=True),
    "moved": lambda: texts.moved(WHEN, WHEN, LONGEST_GROUP, CODE, discreet=False),
    "discreetly moved": lambda: texts.moved(WHEN, WHEN, LONGEST_GROUP, CODE, discreet=True),
    "cancelled": lambda: texts.cancelled(WHEN, LONGEST_GROUP, CODE, discreet=False),
    "discreetly cancelled": lambda: texts.cancelled(WHEN, LONGEST_GROUP, CODE, discreet=True),
    **{f"dates {name}": _dates(name) for name in _DATES},
    "stopped": lambda: texts.stopped(CODE),
    "let in": lambda: texts.let_in(LONGEST_GROUP, CODE),
    "discreetly let in": lambda: texts.let_in("", CODE),
    "not let in": lambda: texts.not_let_in(LONGEST_GROUP, CODE),
    "discreetly not let in": lambda: texts.not_let_in("", CODE),
    "left group": lambda: texts.left_group(LONGEST_GROUP),
    "started": lambda: texts.started(CODE),
    "asks to agree": lambda: notice_texts.asks_to_agree("1234", CODE),
    "operator agrees": lambda: notice_texts.operator_agrees(99_999),
    "agreed to": lambda: notice_texts.agreed_to(CODE),
    "not agreed to": lambda: notice_texts.not_agreed_to(CODE),
    "an answer": lambda: notice_texts.answer("x" * LONGEST_ANSWER),
    "a reply is kept": lambda: notice_texts.reply_kept(CODE),
    "no role": notice_texts.no_role,
    "which group": lambda: notice_texts.which_group("4521 12345678"),
    "empty notice": notice_texts.empty,
    "summary": lambda: notice_texts.summary(_PRICED, "1234", ["SW", "FR"], "4521"),
    "not sent yet": lambda: notice_texts.not_sent_yet(moment_said("skipped"), "1234"),
    "another": lambda: notice_texts.another("1234"),
    "wrong code": notice_texts.wrong_code,
    "not a group": lambda: texts.not_a_group("12345678"),
    "fine, thanks": texts.fine_thanks,
    "nothing open": texts.nothing_open,
    "credit": texts.account_short,
    "credit of the second account": texts.second_account_short,
    **{f"help: {name}": _help(name) for name in prepared()},
    "help: standard": lambda: texts.help_text(WHO, standard()),
}  # fmt: skip
