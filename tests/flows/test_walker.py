"""Every path of every flow in every language, on the smallest screen, with the longest names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from smsgate.core import i18n
from smsgate.core.gsm7 import segments, transliterate
from smsgate.core.i18n import LANGUAGES
from smsgate.flows import engine, sms
from smsgate.flows.actions import LONGEST_LINE, Join, MyGroups
from smsgate.flows.actions.crisis_lines import LineSeen
from smsgate.flows.checks import walker
from smsgate.flows.checks.callers import CALLERS, CODE, MEMBER, ON_ONE_SCREEN
from smsgate.flows.checks.sms_inventory import SMS_INVENTORY, WHO
from smsgate.flows.help import distress
from smsgate.flows.help.crisis_lines import line_said
from smsgate.flows.help.texts import LONGEST
from smsgate.flows.member import about, sign_up
from smsgate.flows.menu import DISTRESS_ENTRIES, menu
from smsgate.flows.screens import SMS_LIMIT, first_page, fits, lay_out
from smsgate.flows.spelling import odd_said
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

pytestmark = pytest.mark.xdist_group("the walk")  # or each process would repeat the walk

SMALLEST = 160
LARGER = (184, SMS_LIMIT)  # the paths are the same on each, but not the layout of screens


@cache
def walked(who: str, language: str) -> list[walker.Visit]:
    """Return every stop of a caller, walked once for all tests that use them."""
    return list(walker.walk(menu, CALLERS[who], language, SMALLEST))


@cache
def screens(who: str, language: str) -> list[walker.Visit]:
    """Return a stop of a caller for each screen that their walk in English shows, in the language."""
    by_screen = {id(seen.pages): seen for seen in walked(who, i18n.SOURCE)}.values()
    if language == i18n.SOURCE:
        return list(by_screen)
    return [walker.revisit(menu, CALLERS[who], language, seen.stop.answers, SMALLEST) for seen in by_screen]


def assert_fits(seen: walker.Visit) -> None:
    assert walker.faults_in(seen, SMALLEST) == [], f"after {seen.said}"
    for limit in LARGER if len(seen.pages) > 1 else ():  # one screen is the same on all sizes
        laid_out = replace(seen, pages=walker.pages(seen.stop, limit))
        assert walker.faults_in(laid_out, limit) == [], f"after {seen.said}, on {limit}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", CALLERS)
def test_every_screen_fits_in_every_language(who: str, language: str) -> None:
    found = screens(who, language)
    assert len(found) > 2
    for seen in found:
        assert_fits(seen)


@pytest.mark.by_night  # the paths are the same in every language, except where a translation breaks one
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", CALLERS)
def test_every_path_can_be_walked_in_every_language(who: str, language: str) -> None:
    for seen in {id(seen.pages): seen for seen in walked(who, language)}.values():
        assert_fits(seen)


BY_KEYS = [pytest.param(one, marks=[] if one == i18n.SOURCE else pytest.mark.by_night) for one in LANGUAGES]


@pytest.mark.parametrize("language", BY_KEYS)
def test_sending_a_help_text_takes_two_different_keys(language: str) -> None:
    sendings = 0
    for seen in walked("member", language):
        if seen.stop.answers and seen.stop.answers[-1].name in ("raised", "fine"):
            assert seen.keys[-1] != seen.keys[-2], f"{seen.said} sends with the same key pressed twice"
            sendings += 1
    assert sendings


@pytest.mark.parametrize("language", BY_KEYS)
def test_sending_a_notice_takes_two_different_keys(language: str) -> None:
    done = set()
    for seen in walked("member", language):
        last = seen.stop.answers[-1].name if seen.stop.answers else ""
        if last in {"notice_sent", "notice_sent_too", "notice_stopped", "agreed", "reply_answered"}:
            assert seen.keys[-1] != seen.keys[-2], f"{seen.said} sends with the same key pressed twice"
            done.add(last)
    assert len(done) == 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sign_that_only_ucs2_has_is_shown_on_one_screen(language: str) -> None:
    with i18n.speaking(language):
        question = Choose("odd", odd_said("🙂"), {"so": i18n._("Continue")})
        pages = lay_out([], question, SMALLEST, can_back=True, can_home=True)
    assert len(pages) == 1
    assert fits(pages[0].text, SMALLEST)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["stranger", "responder", "responder who has told no language"])
def test_what_this_is_and_joining_are_one_screen(who: str, language: str) -> None:
    for seen in walked(who, language):
        if seen.stop.asked and seen.stop.asked.name == "join":
            assert len(seen.pages) == 1, seen.pages
            with i18n.speaking(language):
                assert transliterate(sign_up.what_this_is()) in seen.pages[0].text
            return
    pytest.fail("joining was never asked")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_that_matter_are_one_screen(language: str) -> None:
    """A question before something irreversible can be read in full without turning a page."""
    asked = set()
    for seen in screens("member", language):
        name = seen.stop.asked.name if seen.stop.asked else ""
        if name in ON_ONE_SCREEN:
            assert len(seen.pages) == 1, [page.text for page in seen.pages]
            asked.add(name)
    assert {"menu", "sure_erase", "sure_leave", "sure_ask", "sure_notice", "sure_stop"} <= asked


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SMS_INVENTORY)
def test_a_text_costs_one_segment(name: str, language: str) -> None:
    with i18n.speaking(language):
        words = transliterate(SMS_INVENTORY[name]())
    assert segments(words) == 1, f"{len(words)}: {words}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_help_text_of_ones_own_costs_at_most_two(language: str) -> None:
    with i18n.speaking(language):
        assert segments(transliterate(sms.help_text(WHO, "x" * LONGEST))) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", DISTRESS_ENTRIES)
def test_the_warm_text_and_its_choices_cost_at_most_two(room: str, language: str) -> None:
    asked = 0
    for caller in (replace(MEMBER, start=room), replace(MEMBER, start=room, member=False)):
        for seen in walker.walk(menu, caller, language, SMS_LIMIT):
            if seen.stop.asked and seen.stop.asked.name == "way":
                assert len(seen.pages) == 1
                assert segments(seen.pages[0].text) <= 2
                asked += 1
    assert asked > 4
    with i18n.speaking(language):
        assert segments(transliterate(distress.without_choices("0800000000, +254711000001"))) <= 2


@pytest.mark.parametrize("limit", [SMALLEST, SMS_LIMIT])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_ends_between_a_name_and_its_number(language: str, limit: int) -> None:
    bare: LineSeen = {**LONGEST_LINE, "hours": ""}
    named, whole = transliterate(line_said(bare)), transliterate(line_said(LONGEST_LINE))
    shown = 0
    for seen in walker.walk(menu, replace(MEMBER, start="lines"), language, limit):
        pages = "\n".join(page.text for page in seen.pages)
        assert pages.count(LONGEST_LINE["number"]) == pages.count(named)
        assert pages.count("(") == pages.count(whole)
        shown += pages.count(named)
    assert shown == 9


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ["erase"])
def test_the_information_page_is_whole_for_somebody_who_cannot_turn_pages(language: str, room: str) -> None:
    with i18n.speaking(language):
        assert fits(transliterate(about.what_this_is(CODE)), SMS_LIMIT)
        assert fits(first_page(about.what_this_is(CODE), SMALLEST), SMALLEST)


def _circle(caller: Caller) -> Flow:
    count = 0
    while True:
        yield Choose(f"again{count}", "Again?", {"yes": "Yes", "no": "No"})
        count += 1


def _mute(caller: Caller) -> Flow:
    yield Tell("")


def _long(caller: Caller) -> Flow:
    yield Ask("words", "x" * 200)


def _foreign(caller: Caller) -> Flow:
    yield Tell("ሰላም")


def _breaks(caller: Caller) -> Flow:
    seen = yield Do("mine", MyGroups())
    yield Tell(seen[0]["name"])


def test_the_walker_finds_what_is_wrong() -> None:
    def found(flow: object) -> list[str]:
        return [fault for seen in walker.walk(flow, MEMBER, "en", 160) for fault in walker.faults_in(seen, 160)]  # type: ignore[arg-type]

    assert found(_mute) == ["an empty screen"]
    assert "longer than 160" in found(_long)[0]
    assert "not GSM-7" in found(_foreign)[0]
    with pytest.raises(IndexError):
        found(_breaks)
    with pytest.raises((walker.Endless, engine.TooManySteps)):
        found(_circle)


def test_the_walk_comes_by_every_room_and_every_outcome() -> None:
    names = {answer.name for who in CALLERS for seen in walked(who, "en") for answer in seen.stop.answers}
    assert {"joined", "in_group", "left", "said_coming", "text_kept", "asked", "removed", "raised", "fine"} <= names
    assert {"answered", "language_taken", "name_taken", "left_all", "erased", "started", "kept"} <= names
    assert Join.changes
