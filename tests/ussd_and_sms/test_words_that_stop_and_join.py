"""Texts that stop, join and start, as people write them: the table that speakers extend, and any spelling of STOP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from smsgate.flows.typed.codes_in_texts import read_bare_code, read_name
from smsgate.flows.typed.keywords import Intent, parse_dialled, parse_keyword
from smsgate.flows.typed.letters import spaced
from smsgate.flows.typed.stop_words import StopMeaning, read_stop
from smsgate.groups import groups
from smsgate.help import plans as plans_of_members
from smsgate.models import Group, Member, Message
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import keys
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, copies, joins, plans

TABLE = Path(__file__).with_name("words_that_stop_and_join.yaml")
CODE = "*384*77#"
INTENTS = {Intent.START: "start", Intent.INFO: "information", Intent.YES: "answer", Intent.NO: "answer"}
ASKED = "Reply STOP to get no more texts"
BY_CODE = "To join a group, text JOIN and its code"


def lines() -> Iterator[tuple[str, str, str]]:
    """Yield (language, meaning, text) from the table."""
    for language, meanings in yaml.safe_load(TABLE.read_text()).items():
        for meaning, texts in meanings.items():
            yield from ((language, meaning, text) for text in texts)


def heard(text: str) -> str:
    """Return how a text is understood, in the table's words, while no question is open."""
    keyword = parse_keyword(text) or parse_dialled(text, CODE)
    if keyword is not None and keyword.intent is Intent.STOP:
        return f"leave {keyword.code}" if keyword.code else "stop"
    if keyword is not None and keyword.intent is Intent.JOIN:
        return f"join {keyword.code}".strip()
    if keyword is not None:
        return INTENTS.get(keyword.intent, "other")
    if read_stop(text).meaning is StopMeaning.UNCLEAR:
        return "ask"
    if code := read_bare_code(text, CODE):
        return f"code {code}"
    return "join by name" if read_name(text) else "other"


@pytest.mark.parametrize("language", ["any language", "English", "Kiswahili", "Français"])
def test_each_line_of_the_table_is_heard_as_it_says(language: str) -> None:
    wrong = {text: (meaning, heard(text)) for spoken, meaning, text in lines() if spoken == language}
    assert {text: is_and_was for text, is_and_was in wrong.items() if is_and_was[0] != is_and_was[1]} == {}


def test_the_table_is_long_and_has_no_line_twice() -> None:
    texts = [text for _language, _meaning, text in lines()]
    assert len(texts) >= 300
    assert len({*texts}) == len(texts)


@pytest.mark.by_day(1)
@pytest.mark.parametrize("language", ["any language", "English", "Kiswahili", "Français"])
def test_a_sample_of_the_table_through_the_real_hook(
    language: str, client: FlaskClient, service: Service, group: Group
) -> None:
    mine = [(meaning, text) for spoken, meaning, text in lines() if spoken == language]
    firsts = [line for place, line in enumerate(mine) if place == 0 or mine[place - 1][0] != line[0]]
    for place, (meaning, text) in enumerate(dict.fromkeys([*firsts, *mine[::15]])):
        phone = Phone(client, service, f"+2547120{place:05}")
        answer = phone.texts(text)
        assert (_has_stopped(service, phone), _was_asked(service, phone)) == (meaning == "stop", meaning == "ask"), text
        if meaning == "leave 4521":
            assert "4521" in answer, text
        if meaning == "join 4521":
            assert "STOP 4521" in answer, text  # the answer says how to leave


def _has_stopped(service: Service, phone: Phone) -> bool:
    with service.database.reading() as session:
        row = select(PhoneRow.stopped_at).where(PhoneRow.number == phone.number)
        return session.scalar(row) is not None


def _was_asked(service: Service, phone: Phone) -> bool:
    with service.database.reading() as session:
        asked = Message.key == keys.stop_asked(service.now())
        rows = select(func.count()).select_from(Message).join(PhoneRow, PhoneRow.id == Message.phone_id)
        return bool(session.scalar(rows.where(asked, PhoneRow.number == phone.number)))


def test_it_is_asked_once_a_day_and_never_in_a_loop(
    otieno: Phone, time_passes: Callable[..., None], group: Group
) -> None:
    assert ASKED in otieno.texts("stop Tumaini")
    for _time in range(3):
        assert ASKED not in otieno.texts("wrong number")
    time_passes(hours=25)
    assert ASKED in otieno.texts("wrong number")
    assert "START" in otieno.texts("STOP.")
    assert otieno.texts("stop Tumaini") == ""


def test_the_question_leaves_what_else_is_asked_as_it_is(amina: Phone, group: Group) -> None:
    joins(amina)
    assert "3 My help text" in amina.texts("menu")
    assert ASKED in amina.texts("stop Tumaini")
    assert "1 Add words" in amina.texts("3")


def test_words_that_were_asked_for_are_words(amina: Phone, group: Group) -> None:
    amina.texts("join")
    amina.texts("1")
    amina.texts("1")
    assert "What name" in amina.texts("3")
    assert "Dial *384*77# for the menu" in amina.texts("Stop Worrying")


@pytest.mark.by_night
def test_while_a_help_text_waits_it_is_asked_whether_to_take_it_back(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "Time to cancel it", "120 seconds")
    amina.dials(None, "1", "2")
    amina.sees("It will be sent in 120 seconds")
    assert "1 Cancel it" in amina.texts("stop Juma")


def test_a_word_for_help_that_was_chosen_long_ago_still_sends(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")  # creates the plan
    with service.database.transaction() as session:
        (member,) = session.scalars(select(Member))
        plan = plans_of_members.plan_of(session, member)
        plan.word = "leave me alone"  # not a stop word until now
        session.add(plan)
    before = copies(juma)
    clock.time += timedelta(minutes=2)  # or it would count as the same request
    amina.texts("Leave me alone!")
    assert copies(juma) == before + 1
    assert not _has_stopped(service, amina)


@pytest.mark.parametrize("said", ["4521", "JOIN4521", "jiunge na 4521", "JOIN O4521", "*384*77*4521#", "join Tumaini"])
def test_one_text_leads_to_the_group(said: str, amina: Phone, group: Group, service: Service) -> None:
    amina.dials(None, "1", "1", "3", "Amina")
    assert "You've joined Tumaini" in amina.texts(said)


def test_a_code_is_a_code_where_the_question_has_no_such_key(amina: Phone, group: Group) -> None:
    amina.dials(None, "1", "1", "3", "Amina")
    amina.texts("menu")
    assert "Please choose one of the numbers" in amina.texts("9999")
    assert "You've joined Tumaini" in amina.texts("4521")


def test_groups_cannot_be_probed_by_name(amina: Phone, group: Group, service: Service) -> None:
    with service.database.transaction() as session:
        groups.create(session, "Faraja", "Africa/Nairobi", service.now())  # not in the directory
        for _twice in range(2):
            groups.create(session, "Umoja", "Africa/Nairobi", service.now(), listed=True)
    joins(amina)
    answers = {amina.texts(f"join {name}") for name in ("Faraja", "Nobody", "Umoja", "nobody at all")}
    assert len(answers) == 1
    assert BY_CODE in answers.pop()


def test_leave_and_a_code_is_about_that_group_only(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    assert "You have left Tumaini" in amina.texts("stop group O4521")
    assert not _has_stopped(service, amina)


INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\u180e", "\ufeff", "\u202e", "\u034f", "\ufe0f"]
PADDING = st.text(alphabet=" .,!?*()\"'\n\t-_~#:;\u2026\u00a0\u2028", max_size=6)
LOOK_ALIKES = {"S": "SsЅ", "T": "TtТΤ", "O": "Oo0ОоΟ", "P": "PpРрΡ"}
ORDINARY = sorted(
    spaced(
        "I you we she got have to by the shop market meeting rain bus at on when before after tomorrow today please "
        "sisi leo kesho mkutano duka mvua basi kwa na watoto shule la le marche avant apres pluie demain je vous it "
        "all message messages sms me my number start join group 4521 no yes now hello thanks this"
    )
)
STOPS = ["stop", "STOP", "acha", "arretez", "unsubscribe", "quit", "sitaki"]


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """Draw STOP as thumbs, keyboards and messengers write it, once or several times."""
    between = draw(st.sampled_from(["", " ", ".", "-", "_", *INVISIBLE]))
    words = []
    for _time in range(draw(st.integers(1, 5))):
        letters = [draw(st.sampled_from(alike)) * draw(st.integers(1, 3)) for alike in LOOK_ALIKES.values()]
        words.append(between.join(letters))
    gap = draw(st.sampled_from([" ", "! ", ". ", "\n", ", "]))
    return draw(PADDING) + gap.join(words) + draw(PADDING)


@pytest.mark.by_night
@settings(deadline=None, max_examples=300)
@given(spellings())
def test_however_stop_is_written_it_stops(text: str) -> None:
    assert heard(text) == "stop"


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_sentence_of_eight_words_or_more_stops(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(ORDINARY), min_size=8, max_size=20))
    for stop in data.draw(st.lists(st.sampled_from(STOPS), max_size=2)):
        words.insert(data.draw(st.integers(0, len(words))), stop)
    assert read_stop(" ".join(words) + data.draw(st.sampled_from(["", ".", "!"]))).meaning is not StopMeaning.STOP


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=700))
def test_any_text_is_read(text: str) -> None:
    assert heard(text)


@settings(deadline=None)
@given(st.integers(100, 99_999_999), st.sampled_from(["", " ", "-", " #", ": ", " group "]))
def test_any_code_is_read_after_stop_and_join(code: int, between: str) -> None:
    assert heard(f"STOP{between}{code}") == f"leave {code}"
    assert heard(f"Join{between}{code}") == f"join {code}"
    assert heard(f" {code}. ") == f"code {code}"
