"""Answers in words: the table that speakers extend, and their effect on a reminder, an invitation, a help text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import delete, func, select

from smsgate.conversations.sms.meetings import KEYS
from smsgate.flows.typed.answer_words import Meaning, read_answer
from smsgate.groups import groups
from smsgate.help import plans as plans_of_members
from smsgate.meetings import meetings
from smsgate.models import Group, HelpRequest, LimitUse, Meeting, Reply, Responder, RsvpStatus
from smsgate.service import Service
from tests.support.openings import Play
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, chooses, joins, plans

TABLE = Path(__file__).with_name("words_that_answer.yaml")
LANGUAGES = ["any language", "English", "Kiswahili", "Français"]
Passes = Callable[..., None]


def lines() -> Iterator[tuple[str, str, str]]:
    """Yield (language, meaning, text) from the table."""
    for language, meanings in yaml.safe_load(TABLE.read_text()).items():
        for meaning, texts in meanings.items():
            yield from ((language, meaning, text) for text in texts)


def heard(text: str) -> str:
    meaning = read_answer(text, "Amina").to(KEYS)
    return meaning.name.lower() if meaning else "unclear"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_the_table_is_heard_as_it_says(language: str) -> None:
    wrong = {text: (meaning, heard(text)) for spoken, meaning, text in lines() if spoken == language}
    assert {text: is_and_was for text, is_and_was in wrong.items() if is_and_was[0] != is_and_was[1]} == {}


def test_the_table_is_long_and_has_no_line_twice() -> None:
    texts = [text for _language, _meaning, text in lines()]
    assert len(texts) >= 250
    assert len({*texts}) == len(texts)


def test_a_key_belongs_to_its_question_and_words_must_not_say_otherwise() -> None:
    keys = {3: Meaning.YES, 4: Meaning.NO}
    for text, meaning in (("3 yes", Meaning.YES), ("4", Meaning.NO), ("4 yes", None), ("1", None), ("maybe", None)):
        assert read_answer(text).to(keys) is meaning, text


@pytest.fixture
def ready(amina: Phone, juma: Phone, fatuma: Phone, meeting: Meeting, time_passes: Passes, opening: Play) -> Phone:
    """Return Amina, a member with two people, who has just got a reminder."""

    def begins() -> None:
        joins(amina)
        agrees(amina, juma, "Juma")
        agrees(amina, fatuma, "Fatuma")
        time_passes(hours=29)
        amina.hears("Coming? Reply 1 yes, 2 no, 3 maybe")

    opening(begins, amina, juma, fatuma)
    return amina


def replies(service: Service) -> dict[int, RsvpStatus]:
    with service.database.reading() as session:
        return {reply.meeting_id: reply.coming for reply in session.scalars(select(Reply))}


def help_requests(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(HelpRequest)) or 0


SAYS = {
    "yes": (RsvpStatus.YES, "Thank you, you're coming: Wed 25 Nov 14:00"),
    "no": (RsvpStatus.NO, "You're not coming: Wed 25 Nov 14:00"),
    "maybe": (RsvpStatus.MAYBE, "You said maybe: Wed 25 Nov 14:00"),
}


@pytest.mark.by_day(1)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_of_the_table_answers_a_reminder_and_the_keys_after_it_send_no_help(
    language: str, ready: Phone, service: Service, clock: Clock
) -> None:
    mine = [(meaning, text) for spoken, meaning, text in lines() if spoken == language]
    firsts = [line for place, line in enumerate(mine) if place == 0 or mine[place - 1][0] != line[0]]
    for meaning, text in dict.fromkeys([*firsts, *mine[7::24]]):
        with service.database.transaction() as session:
            session.execute(delete(LimitUse))  # the number of answers per hour is limited
        answer = ready.texts(text)
        clock.time += timedelta(minutes=2)
        if meaning in SAYS:
            assert SAYS[meaning][1] in answer, text
            assert [*replies(service).values()] == [SAYS[meaning][0]], text
        for key in ("1", "2"):
            assert "my help text" not in ready.texts(key), text
            clock.time += timedelta(minutes=2)
    assert help_requests(service) == 0


@pytest.mark.parametrize("words", ["hm?", "Wed with my sister", "who is this", "habari", "asante", "5", "1 no"])
def test_what_is_unclear_is_asked_once_more_by_the_name_of_the_meeting(
    words: str, ready: Phone, service: Service
) -> None:
    assert ready.texts(words) == "Wed 25 Nov 14:00. Coming? Reply 1 yes, 2 no, 3 maybe"
    assert replies(service) == {}
    assert "you're coming" in ready.texts("I'm coming")
    assert "For the menu text MENU" in ready.texts("see my new shoes")  # no question is open, and no menu opens


def test_a_room_a_code_and_the_menu_are_still_to_be_had(ready: Phone) -> None:
    assert "1 Send my help text" in ready.texts("MENU")
    assert "Next meetings" in ready.texts("NEXT")
    assert "Wed 25 Nov 14:00" in ready.texts("1")


def test_no_menu_opens_by_words_or_keys_that_nobody_asked_for(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    for words in ("1", "2", "nitakuja", "good morning", "👍"):
        assert "For the menu text MENU or dial *384*77#" in amina.texts(words), words


@pytest.mark.parametrize(
    ("words", "said"),
    [("who are you", "Groups send news of meetings"), ("habari", "Vikundi hutuma habari"), ("HELP ME", "Groups send"),
     ("Bonjour", "Des groupes annoncent"), ("1", "Groups send"), ("yes", "Groups send"), ("👍", "Groups send")],
)  # fmt: skip
def test_a_stranger_reads_what_this_is_and_how_to_leave_before_the_languages(
    words: str, said: str, amina: Phone, group: Group
) -> None:
    answer = amina.texts(words)
    assert answer.startswith(said)
    assert "STOP" in answer.splitlines()[0]
    assert answer.endswith("1 English\n2 Kiswahili\n3 Francais")


def test_two_reminders_at_once_are_told_apart_and_the_answer_is_kept(
    amina: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", clock.time, code="777")
        start = meetings.local_start(session.get_one(Meeting, meeting.id)).replace(tzinfo=None)
        planned = meetings.plan(session, other, start, None, clock.time)
    amina.texts("JOIN 777")
    amina.texts("1")
    time_passes(hours=29)
    asked = amina.texts("nitakuja")
    assert "the meeting you mean" in asked
    key = next(line.split()[0] for line in asked.splitlines() if "Upendo" in line)
    assert amina.texts(key) == "Thank you, you're coming: Wed 25 Nov 14:00 Upendo."
    assert replies(service) == {planned.id: RsvpStatus.YES}


def test_a_confirmation_names_the_group_where_the_member_lets_it(ready: Phone) -> None:
    ready.dials(None, "6", "3", "2")
    assert "You're not coming: Wed 25 Nov 14:00 Tumaini." in ready.texts("hapana")


@pytest.mark.parametrize(
    ("words", "agreed"), [("sure", "yes"), ("Ndiyo Amina", "yes"), ("non merci", "no"), ("👎", "no")]
)
def test_an_invitation_is_answered_in_words(
    words: str, agreed: str, amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    juma.hears("may they text you")
    for unclear in ("who are you", "labda", "which Amina", "1 no"):
        assert "may they text you" in juma.texts(unclear), unclear
    juma.texts(words)
    with service.database.reading() as session:
        assert session.scalars(select(Responder.agreed)).one().value == agreed


@pytest.mark.parametrize("words", ["coming", "Nakuja Amina", "j'arrive", "on my way", "1 yes", "👍", "one"])
def test_a_help_text_is_answered_in_words(words: str, amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    for unclear in ("maybe", "what happened", "I am coming with the bus", "3"):
        assert "If you can help, reply 1 and we'll tell Amina" in juma.texts(unclear), unclear
    assert "knows you can help" in juma.texts(words)
    amina.hears("Juma is helping")


def test_a_word_of_help_that_answers_is_asked_about_while_a_question_waits(
    ready: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans(ready, "Ways to send", "By text")
    ready.types("nitakuja")
    ready.sees("That word means something else")  # such a word can't be chosen any more
    with monkeypatch.context() as before:
        before.setattr(plans_of_members, "is_answer", lambda _word: False)
        plans(ready, "Ways to send", "By text")
        ready.types("nitakuja")
    assert "Send your help text to 2 people?" in ready.texts("Nitakuja")
    assert help_requests(service) == 0
