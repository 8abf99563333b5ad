"""Every text sent by SMS, with the longest values that it may carry: each costs one segment, in every language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from smsgate.flows import sms
from smsgate.flows.actions import LONGEST_GROUP, LONGEST_NAME, LONGEST_PLACE
from smsgate.flows.actions.results import PricedSeen
from smsgate.flows.checks.callers import CODE
from smsgate.flows.finding.start_group import LONGEST_ANSWER as LONGEST_START_ANSWER
from smsgate.flows.help.texts import prepared, standard
from smsgate.flows.leader.notice_replies import LONGEST_ANSWER
from smsgate.flows.leader.notices import moment_said
from smsgate.flows.leader.other_leaders import LONGEST_WORDS
from smsgate.flows.sms import notices, walking

WHO = f"{LONGEST_NAME} (+254 711 000001)"
WHEN = datetime(2026, 9, 23, 14, 0)


def _help(name: str) -> Callable[[], str]:
    return lambda: sms.help_text(WHO, prepared()[name])


_DATES: dict[str, Callable[[str], str]] = {
    "cancelled": lambda dates: sms.dates_cancelled(dates, WHEN, LONGEST_GROUP, CODE),
    "cancelled, all": lambda dates: sms.dates_cancelled(dates, None, LONGEST_GROUP, CODE),
    "changed": lambda dates: sms.dates_changed(dates, WHEN, LONGEST_GROUP, CODE),
    "on after all": lambda dates: sms.on_after_all(dates, LONGEST_GROUP, CODE),
    "elsewhere": lambda dates: sms.elsewhere(dates, LONGEST_PLACE, LONGEST_GROUP, CODE, tells=True),
    "discreetly elsewhere": lambda dates: sms.elsewhere(dates, "", "", CODE, tells=True),
    "elsewhere, ask": lambda dates: sms.elsewhere(dates, "", LONGEST_GROUP, CODE, tells=False),
}


def _dates(name: str) -> Callable[[], str]:
    return lambda: _DATES[name](sms.some_dates(WHEN, 99))


_PRICED: PricedSeen = {
    "wrong": "", "odd": "", "medical": "", "order": "", "parts": "1-4", "people": 10_000, "price": "KES 123456.80",
    "leaves": "",
}  # fmt: skip
_WALKING: dict[str, Callable[[], str]] = {
    "proposed": lambda: walking.proposed(CODE),
    "began": lambda: walking.began(LONGEST_NAME, CODE),
    "not this time": walking.not_this_time,
    "over for the supporter": lambda: walking.over_for_supporter(LONGEST_NAME),
    "over for the person": lambda: walking.over_for_person(LONGEST_NAME),
    "closed": lambda: walking.closed(CODE),
    "ends soon": lambda: walking.ends_soon(LONGEST_NAME, "2027-09-23", CODE),
    "meeting proposed": lambda: walking.meeting_proposed(LONGEST_NAME, WHEN, CODE),
    "meeting agreed": lambda: walking.meeting_agreed(LONGEST_NAME, WHEN),
    "meeting declined": lambda: walking.meeting_declined(LONGEST_NAME, WHEN, CODE),
    "meeting skipped": lambda: walking.meeting_skipped(LONGEST_NAME, WHEN, CODE),
    "reminder": lambda: walking.meeting_reminder(LONGEST_NAME, WHEN, "x" * 30, CODE, discreet=False),
    "reminder of a call": lambda: walking.meeting_reminder(LONGEST_NAME, WHEN, "", CODE, discreet=False),
    "discreet reminder": lambda: walking.meeting_reminder(LONGEST_NAME, WHEN, "x" * 30, CODE, discreet=True),
    "check-in": lambda: walking.check_in(CODE),
    "carried": lambda: walking.carried(LONGEST_NAME, "x" * walking.LONGEST_CARRIED),
    "how was it": lambda: walking.how_was_it(CODE),
    "passed on": lambda: walking.passed_on(LONGEST_NAME),
    "passed on, read later": lambda: walking.passed_on_later(LONGEST_NAME, CODE),
    "not carried, over": lambda: walking.not_carried_over(CODE),
    "not carried, limit": walking.not_carried_limit,
    "not carried, long": lambda: walking.not_carried_long(walking.LONGEST_CARRIED),
    "which person": lambda: walking.which_person(CODE),
    "ended by text": lambda: walking.ended_by_text(CODE),
    "reported": lambda: walking.reported(CODE),
}
SMS_INVENTORY: dict[str, Callable[[], str]] = {
    "invitation": lambda: sms.invitation(WHO),
    "agreed": lambda: sms.agreed_thanks(WHO),
    "declined": sms.declined_thanks,
    "changed often": lambda: sms.changed_often(WHO),
    "on it": lambda: sms.on_it_thanks(WHO),
    "not passed on": lambda: sms.not_passed_on(WHO),
    "which meeting": sms.which_meeting,
    "coming again": lambda: sms.coming_again(WHEN, LONGEST_GROUP),
    "coming kept": lambda: sms.coming_kept("maybe", WHEN, CODE, LONGEST_GROUP),
    "what this is": sms.what_this_is,
    "nothing asked": lambda: sms.nothing_asked(CODE),
    "which member": sms.which_member,
    "answered": lambda: sms.answered(LONGEST_NAME),
    "taken": lambda: sms.somebody_is_on_it(WHO),
    "fine": lambda: sms.fine_now(WHO),
    "nobody on it": lambda: sms.nobody_is_on_it(WHO, 11),
    "over": lambda: sms.over(WHO),
    "over, no name": sms.over,
    "lost": lambda: sms.lost(LONGEST_NAME, CODE),
    "the newest taken back": sms.newest_taken_back,
    "unsent": lambda: sms.unsent(LONGEST_NAME, CODE),
    "reminder": lambda: sms.reminder(WHEN, LONGEST_GROUP, LONGEST_PLACE, CODE, discreet=False),
    "discreet reminder": lambda: sms.reminder(WHEN, LONGEST_GROUP, LONGEST_PLACE, CODE, discreet=True),
    "moved": lambda: sms.moved(WHEN, WHEN, LONGEST_GROUP, CODE, discreet=False),
    "discreetly moved": lambda: sms.moved(WHEN, WHEN, LONGEST_GROUP, CODE, discreet=True),
    "cancelled": lambda: sms.cancelled(WHEN, LONGEST_GROUP, CODE, discreet=False),
    "discreetly cancelled": lambda: sms.cancelled(WHEN, LONGEST_GROUP, CODE, discreet=True),
    **{f"dates {name}": _dates(name) for name in _DATES},
    "ask stop": sms.ask_stop,
    "joined": lambda: sms.joined(LONGEST_GROUP, "12345678"),
    "in already": lambda: sms.in_already(LONGEST_GROUP, "12345678"),
    "asked to join": lambda: sms.asked_to_join(LONGEST_GROUP),
    "name kept": lambda: sms.name_kept("x" * 20),
    "name too long": lambda: sms.name_too_long(20),
    "not a name": sms.not_a_name,
    "language kept": lambda: sms.language_kept(CODE),
    "gets no more": lambda: sms.gets_no_more(LONGEST_NAME),
    "somebody else, too": lambda: sms.somebody_else_too(WHO),
    "over already": sms.over_already,
    "join by code": lambda: sms.join_by_code(CODE),
    "stopped": lambda: sms.stopped(CODE),
    "stopped and taken back": lambda: sms.stopped_and_taken_back(CODE),
    "leave by dialling": lambda: sms.leave_by_dialling(CODE),
    "sent already": lambda: sms.sent_already(CODE),
    "taken back": sms.taken_back,
    "let in": lambda: sms.let_in(LONGEST_GROUP, CODE),
    "discreetly let in": lambda: sms.let_in("", CODE),
    "not let in": lambda: sms.not_let_in(LONGEST_GROUP, CODE),
    "discreetly not let in": lambda: sms.not_let_in("", CODE),
    "closed before": lambda: sms.closed_before(LONGEST_GROUP, CODE),
    "not answered": lambda: sms.not_answered(LONGEST_GROUP, CODE),
    "discreetly not answered": lambda: sms.not_answered("", CODE),
    "discreetly closed before": lambda: sms.closed_before("", CODE),
    "new code": lambda: sms.code_changed(LONGEST_GROUP, CODE),
    "discreetly new code": lambda: sms.code_changed("", CODE),
    "new zone": lambda: sms.zone_changed(WHEN, "Port-au-Prince", LONGEST_GROUP, CODE),
    "discreetly new zone": lambda: sms.zone_changed(WHEN, "Port-au-Prince", "", CODE),
    "left group": lambda: sms.left_group(LONGEST_GROUP),
    "an answer about starting": lambda: sms.start_answer("x" * LONGEST_START_ANSWER, CODE),
    "asked the network": sms.asked_the_network,
    "to all leaders": lambda: sms.to_all_leaders("x" * 130),
    "from a leader": lambda: sms.from_leader(LONGEST_NAME, "x" * LONGEST_WORDS, CODE),
    "started": lambda: sms.started(CODE),
    "asks to agree": lambda: notices.asks_to_agree("1234", CODE),
    "operator agrees": lambda: notices.operator_agrees(99_999),
    "agreed to": lambda: notices.agreed_to(CODE),
    "not agreed to": lambda: notices.not_agreed_to(CODE),
    "author gone": lambda: notices.author_gone(CODE),
    "meeting of a notice cancelled": lambda: notices.meeting_cancelled(CODE),
    "notice a day late": lambda: notices.too_late(CODE),
    "an answer": lambda: notices.answer("x" * LONGEST_ANSWER),
    "a reply is kept": lambda: notices.reply_kept(CODE),
    "no role": notices.no_role,
    "which group": lambda: notices.which_group("4521 12345678"),
    "empty notice": notices.empty,
    "summary": lambda: notices.summary(_PRICED, "1234", ["SW", "FR"], "4521"),
    "not sent yet": lambda: notices.not_sent_yet(moment_said("skipped"), "1234"),
    "another": lambda: notices.another("1234"),
    "wrong code": notices.wrong_code,
    "not a group": lambda: sms.not_a_group("12345678"),
    "fine, thanks": sms.fine_thanks,
    "nothing open": sms.nothing_open,
    **{f"walk: {name}": words for name, words in _WALKING.items()},
    "credit": sms.account_short,
    "credit of the second account": sms.second_account_short,
    "entries set aside": sms.entries_set_aside,
    "odd callbacks": sms.odd_callbacks,
    "many texts": sms.many_texts,
    "no more answers": lambda: sms.no_more_answers(CODE),
    **{f"help: {name}": _help(name) for name in prepared()},
    "help: standard": lambda: sms.help_text(WHO, standard()),
}  # fmt: skip
