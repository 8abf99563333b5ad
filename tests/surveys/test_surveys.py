"""Surveys on members' phones: reaching and answering them, and storing and deleting the answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from smsgate.core import spreadsheets
from smsgate.core.errors import Invalid
from smsgate.groups import groups
from smsgate.models import Group, Message, Survey, SurveyAnswer
from smsgate.models import Phone as PhoneRow
from smsgate.notices import group_closing
from smsgate.service import Service
from smsgate.surveys import answers as survey_answers
from smsgate.surveys import surveys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from smsgate.surveys.surveys import SurveyAccess
from tests.support.people import Phone
from tests.support.pins import sets
from tests.support.stories import agrees, copies, joins, plans
from tests.support.surveys import RIDE, publishes


def changes(service: Service, number: int, data: dict[str, Any]) -> None:
    with service.database.transaction() as session:
        one = session.get_one(Survey, number)
        surveys.save_draft(session, one, data, one.draft_number)
        surveys.publish(session, one, None, service.now())


def answers(service: Service) -> list[tuple[str, str]]:
    with service.database.reading() as session:
        rows = session.query(SurveyAnswer).order_by(SurveyAnswer.id)
        return [(one.step, one.value) for one in rows]


def shipped(name: str) -> dict[str, Any]:
    return dict(parse_definition(yaml_files.load(yaml_files.library()[name])))


def test_in_the_groups_room_answered_and_kept(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, in_menu=True)
    amina.dials()
    amina.picks("Groups", "Tumaini", "From the group", "Getting there")
    amina.sees("Do you have a way to come?", "1 Yes", "2 I seek a ride", "3 Skip")
    amina.types("2", "Kisumu market")
    amina.sees("Thank you.")
    assert answers(service) == [("way", "seek"), ("place", "Kisumu market")]
    amina.dials()
    amina.picks("Groups", "Tumaini", "From the group", "Getting there", "Yes")
    assert answers(service) == [("way", "have")], "who answers again changes it"


def test_by_a_code_and_by_a_word(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, code="712", keyword="ride")
    amina.dials("*384*77*712#")
    amina.sees("Do you have a way to come?")
    amina.drops()
    asked = amina.texts("Ride!")
    assert "Do you have a way to come?" in asked
    assert "From where?" in amina.texts("2")
    assert "Thank you." in amina.texts("the bridge")
    assert answers(service) == [("way", "seek"), ("place", "the bridge")]
    juma.dials("*384*77*712#", "1", "1", "Juma")
    juma.sees("There is no group with code 712.")


def test_after_joining_and_left_out(amina: Phone, group: Group, service: Service) -> None:
    publishes(service, group, shipped("welcome"), after_joining=True)
    amina.dials("*384*77*4521#", "1", "1", "Amina", "1")
    amina.sees("You've joined Tumaini.", "Something from the group:", "1 A few questions", "2 Not now")
    amina.types("1")
    amina.sees("Each question may be skipped")
    amina.types("98")
    amina.picks("Skip", "Skip", "Skip")
    assert answers(service) == []


def test_everything_may_be_skipped_and_back_goes_back(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, code="712")
    amina.dials("*384*77*712#", "2", "0")
    amina.sees("Do you have a way to come?")
    amina.types("2", "1")
    amina.sees("Thank you.")
    assert answers(service) == [("way", "seek")]


def test_who_is_in_the_middle_ends_what_they_began(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    number = publishes(service, group, code="712")
    amina.dials("*384*77*712#", "2")
    other = json.loads(json.dumps(RIDE))
    other["steps"] = [{"say": {"en": "All has changed."}}]
    changes(service, number, other)
    amina.types("the bridge")
    amina.sees("Thank you.")
    assert answers(service) == [("way", "seek"), ("place", "the bridge")]
    amina.dials("*384*77*712#")
    amina.sees("All has changed.")


def test_a_call_that_was_cut_off_goes_on_where_it_was(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, code="712")
    amina.dials("*384*77*712#", "2")
    amina.drops()
    amina.dials()
    amina.types("0")  # continues where it stopped
    amina.sees("From where?")
    amina.types("home")
    assert answers(service) == [("way", "seek"), ("place", "home")]


def test_of_an_anonymous_one_nothing_leads_to_the_person(
    amina: Phone, group: Group, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    number = publishes(service, group, shipped("feedback"), code="713")
    amina.dials("*384*77*713#", "1", "2", "More time for tea")
    amina.sees("Thank you.")
    with service.database.reading() as session:
        rows = session.query(SurveyAnswer).all()
        assert len(rows) == 3
        assert {one.phone_id for one in rows} == {None}
        assert {one.at.time().isoformat() for one in rows} == {"00:00:00"}
        one = session.get_one(Survey, number)
        assert survey_answers.respondents(session, one) == 1
        kept = " ".join(str(row) for row in session.execute(text("SELECT * FROM deeds")))
        assert rows[0].respondent not in kept
        assert "More time for tea" not in str(session.execute(text("SELECT value FROM survey_answers")).all())
    time_passes(days=61)
    with service.database.transaction() as session:
        survey_answers.forget_old_answers(session, service.now())
    assert answers(service) == []


def test_erased_with_the_person(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, code="712")
    amina.dials("*384*77*712#", "1")
    assert answers(service)
    amina.texts("ERASE")
    amina.texts("2")
    assert answers(service) == []


def test_numbers_are_numbers(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, shipped("getting-there"), code="714")
    amina.dials("*384*77*714#", "3", "two")
    amina.sees("Please type a number, like 3.")
    amina.types("2")
    amina.sees("Thank you.")
    assert answers(service) == [("way", "offer"), ("seats", "2")]


def test_a_number_is_read_as_people_type_it_and_what_was_noted_is_saved(
    amina: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    steps = [
        {"ask": {"en": "How old?"}, "as": "age", "kind": "number", "from": 1, "up_to": 120},
        {"remember": "group", "value": "grown", "only_if": {"step": "age", "from": 18}},
    ]
    publishes(service, group, RIDE | {"smsgate": 2, "steps": steps}, code="716")
    amina.dials("*384*77*716#", "1,000")
    amina.sees("Please type a number from 1 to 120.", "How old?")
    amina.types("2O ans")
    amina.sees("Thank you.")
    assert answers(service) == [("age", "20"), ("group", "grown")]


def test_in_the_language_of_who_calls(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    with service.database.transaction() as session:
        session.query(PhoneRow).update({"language": "sw"})
    publishes(service, group, shipped("topics"), code="715", in_menu=True)
    amina.dials("*384*77*715#")
    amina.sees("Ungependa kuzungumzia nini", "1 Usingizi na mapumziko")


def test_sent_to_the_group_once_and_retired(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    joins(amina)
    joins(juma)
    juma.texts("STOP")
    number = publishes(service, group, code="712", keyword="ride")
    for _time in range(2):
        with service.database.transaction() as session:
            surveys.send(session, session.get_one(Survey, number), service.now(), "*384*77#")
    amina.hears("dial *384*77*712# or text RIDE")
    assert "Tumaini" not in amina.reads()[-1]
    with service.database.reading() as session:
        assert session.query(Message).filter(Message.key.like("survey:%")).count() == 1
    with service.database.transaction() as session:
        surveys.retire(session, session.get_one(Survey, number), None, service.now())
    amina.dials("*384*77*712#")
    amina.sees("There is no group with code 712.")


def sends_later(service: Service, number: int, **later: float) -> int:
    with service.database.transaction() as session:
        due = service.now() + timedelta(**later)
        return surveys.send(session, session.get_one(Survey, number), service.now(), "*384*77#", due)


def test_a_text_about_a_flow_that_was_retired_is_not_sent(
    amina: Phone, group: Group, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    number = publishes(service, group, code="712", keyword="ride")
    assert sends_later(service, number, hours=3) == 1
    with service.database.transaction() as session:
        surveys.retire(session, session.get_one(Survey, number), None, service.now())
    time_passes(hours=3, minutes=1)
    amina.hears_nothing_new()


def test_a_text_about_a_flow_of_a_closed_group_is_not_sent(
    amina: Phone, group: Group, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    number = publishes(service, group, code="712")
    sends_later(service, number, hours=3)
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), "*384*77#")
    time_passes(hours=3, minutes=1)
    amina.hears_nothing_new()


@pytest.mark.parametrize(("reach", "said"), [({"code": "713"}, "dial *384*77*713#"), ({}, "")])
def test_a_text_that_waits_tells_the_code_that_is_right_when_it_is_sent(
    amina: Phone, group: Group, service: Service, time_passes: Callable[..., None], reach: dict[str, Any], said: str
) -> None:
    joins(amina)
    number = publishes(service, group, code="712", keyword="ride")
    sends_later(service, number, hours=3)
    with service.database.transaction() as session:
        found = session.get_one(Survey, number)
        surveys.set_access(session, found, SurveyAccess(**reach), "*384*77#")
    time_passes(hours=3, minutes=1)
    if said:
        amina.hears(said)
        assert "RIDE" not in amina.inbox[-1]
    else:
        amina.hears_nothing_new()


def test_with_a_code_again_it_can_be_sent_on_the_same_day(
    amina: Phone, group: Group, service: Service, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    number = publishes(service, group, code="712")
    sends_later(service, number, hours=3)
    for code in ("", "713"):
        with service.database.transaction() as session:
            found = session.get_one(Survey, number)
            surveys.set_access(session, found, SurveyAccess(code=code), "*384*77#")
    assert sends_later(service, number, hours=3) == 1
    time_passes(hours=3, minutes=1)
    amina.hears("dial *384*77*713#")
    assert sends_later(service, number) == 0


@pytest.mark.parametrize(
    ("reach", "said"),
    [
        ({"keyword": "stop"}, "has a meaning already"),
        ({"keyword": "a1"}, "3 to 20 letters"),
        ({"code": "4521"}, "is taken"),
        ({"code": "12345678"}, "3 to 7 digits"),
        ({"keyword": "taken"}, "Another flow has that word"),
        ({"code": "777"}, "is taken"),
    ],
)
def test_a_word_or_a_code_that_cannot_be(group: Group, service: Service, reach: dict[str, Any], said: str) -> None:
    publishes(service, group, keyword="taken", code="777")
    with pytest.raises(Invalid, match=said):
        publishes(service, group, **reach)


@pytest.mark.both_databases
def test_two_who_write_at_once_and_the_way_back(group: Group, service: Service) -> None:
    number = publishes(service, group)
    with service.database.transaction() as session:
        one = session.get_one(Survey, number)
        surveys.save_draft(session, one, RIDE | {"keep_days": 5}, 1)
    with pytest.raises(surveys.StaleDraft), service.database.transaction() as session:
        surveys.save_draft(session, session.get_one(Survey, number), RIDE | {"keep_days": 6}, 1)
    with service.database.transaction() as session:
        one = session.get_one(Survey, number)
        assert surveys.publish(session, one, None, service.now()).number == 2
        surveys.restore_version(session, one, 1)
        assert surveys.draft_of(one)["keep_days"] == 30
    bad = json.loads(json.dumps(RIDE))
    bad["steps"][2]["say"]["en"] = "Take your medicine."
    with pytest.raises(surveys.NotPublishable, match="medical"):
        changes(service, number, bad)


LIST: dict[str, Any] = {
    **RIDE,
    "steps": [
        {
            "choose": {"en": "Which?"}, "as": "pick", "again": True,
            "options": [{"is": name, "label": {"en": name.upper()}} for name in "abc"],
        },
        {"say": {"en": "Thank you."}, "as": "thanks"},
    ],
}  # fmt: skip


def test_all_that_was_chosen_from_a_list_shown_again_is_kept(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    number = publishes(service, group, data=LIST, code="712")
    amina.dials("*384*77*712#", "1", "2", "1")
    amina.picks("That is all")
    with service.database.reading() as session:
        one = session.get_one(Survey, number)
        assert [row[1] for row in survey_answers.table(session, one, LIST)] == ["pick", "a; b"]
        (counted,) = survey_answers.counts(session, one, LIST)
        assert [count for _name, _label, count in counted.options] == [1, 1, 0], "once for each person"


def renamed(**changed: Any) -> dict[str, Any]:
    """Return the ride survey with its first question changed."""
    return {**RIDE, "steps": [{**RIDE["steps"][0], **changed}, *RIDE["steps"][1:]]}


HAVE, SEEK = RIDE["steps"][0]["options"]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (renamed(options=[HAVE, {**SEEK, "is": "need"}]), {"way": {"Yes": 0, "I seek a ride": 1}}),
        (renamed(options=[HAVE, {**SEEK, "label": {"en": "I need one"}}]), {"way": {"Yes": 0, "I need one": 1}}),
        (
            renamed(options=[HAVE, {"is": "no", "label": {"en": "No"}}]),
            {"way": {"Yes": 0, "No": 0, "I seek a ride": 1}},
        ),
        (renamed(**{"as": "ride"}), {"ride": {"Yes": 0, "I seek a ride": 0}, "way": {"I seek a ride": 1}}),
        (
            renamed(choose={"fr": "Comment ?"}, options=[{"is": "have", "label": {"fr": "Oui"}}, HAVE])
            | {"languages": ["fr"], "title": {"fr": "Venir"}},
            None,
        ),
    ],
)
def test_a_later_version_loses_no_answer(
    amina: Phone, group: Group, service: Service, later: dict[str, Any], expected: dict[str, dict[str, int]] | None
) -> None:
    joins(amina)
    number = publishes(service, group, code="712")
    amina.dials("*384*77*712#", "2", "Kisumu")
    with service.database.transaction() as session:
        one = session.get_one(Survey, number)
        counted = {
            each.step: {survey_answers.in_language(label, "en", later): count for _name, label, count in each.options}
            for each in survey_answers.counts(session, one, later)
        }
        assert expected is None or counted == expected
        header, row = survey_answers.table(session, one, later)
        assert (row[header.index("way")], row[header.index("place")]) == ("seek", "Kisumu")


def test_a_draft_that_changed_since_it_was_looked_at_is_not_published(group: Group, service: Service) -> None:
    number = publishes(service, group)
    with service.database.transaction() as session:
        looked = session.get_one(Survey, number).draft_number
    with service.database.transaction() as session:
        surveys.save_draft(session, session.get_one(Survey, number), LIST, looked)
    for act in (
        lambda session, one: surveys.publish(session, one, None, service.now(), looked),
        lambda session, one: surveys.restore_version(session, one, 1, looked),
    ):
        with service.database.transaction() as session:
            one = session.get_one(Survey, number)
            with pytest.raises(surveys.StaleDraft):
                act(session, one)
            assert len(surveys.versions(session, one)) == 1
            assert surveys.draft_of(one) == LIST


def test_no_cell_that_is_written_is_a_formula(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    number = publishes(service, group, code="712")
    amina.dials("*384*77*712#", "2", "=cmd|calc")
    with service.database.reading() as session:
        one = session.get_one(Survey, number)
        rows = survey_answers.table(session, one, parse_definition(RIDE))
        assert rows[0] == ["Day answered", "way", "place"]
        assert rows[1][1:] == ["seek", "=cmd|calc"]
        assert b"'=cmd|calc" in b"".join(spreadsheets.table(rows))
        counted = survey_answers.counts(session, one, parse_definition(RIDE))
        assert [(name, count) for name, _label, count in counted[0].options] == [("have", 0), ("seek", 1)]


@pytest.fixture
def with_the_same_word(amina: Phone, juma: Phone, group: Group, service: Service) -> Phone:
    """Return Amina, whose help text is sent by a word that her group's survey got later."""
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("ride")
    publishes(service, group, keyword="ride")
    return amina


def test_a_word_that_is_also_a_members_own_is_asked_about(
    with_the_same_word: Phone, juma: Phone, service: Service
) -> None:
    amina = with_the_same_word
    assert "Your group uses this word too" in amina.texts("RIDE")
    assert "Do you have a way to come?" in amina.texts("2")
    assert "Thank you" in amina.texts("1")
    assert answers(service) == [("way", "have")]
    assert copies(juma) == 0
    amina.texts("ride")
    assert "Send your help text to 1 person?" in amina.texts("1")
    assert copies(juma) == 0
    assert "on its way to 1" in amina.texts("2")
    assert copies(juma) == 1


@pytest.mark.parametrize("typed", ["Ride?", "(ride)", "\u201cride\u201d", "ride \U0001f642", "R\u00efde"])
def test_a_word_is_the_same_for_a_survey_as_for_a_help_text_whatever_stands_around_it(
    with_the_same_word: Phone, juma: Phone, typed: str
) -> None:
    assert "Your group uses this word too" in with_the_same_word.texts(typed)
    assert "Do you have a way to come?" in with_the_same_word.texts("2")
    assert copies(juma) == 0


def test_a_word_that_was_asked_for_begins_no_other_survey(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, keyword="ride")
    publishes(service, group, {**RIDE, "name": "bridge"}, keyword="bridge")
    amina.texts("ride")
    assert "From where?" in amina.texts("2")
    assert "Thank you." in amina.texts("Bridge")
    assert answers(service) == [("way", "seek"), ("place", "Bridge")]
    assert "Do you have a way to come?" in amina.texts("bridge"), "once nothing is asked"


def test_a_survey_s_own_word_begins_it_anew(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    publishes(service, group, keyword="ride")
    amina.texts("ride")
    assert "From where?" in amina.texts("2")
    assert "Do you have a way to come?" in amina.texts("ride")
    assert answers(service) == []


def test_keys_typed_ahead_for_a_survey_send_no_help_text(
    with_the_same_word: Phone, juma: Phone, service: Service
) -> None:
    for words in ("ride", "1", "2"):
        with_the_same_word.writes(words)
    assert "Your group uses this word too" in with_the_same_word.reads()[-1]
    assert copies(juma) == 0


def test_with_a_pin_the_question_is_the_same_and_the_survey_is_dialled(with_the_same_word: Phone, juma: Phone) -> None:
    amina = with_the_same_word
    sets(amina)
    asked = amina.texts("ride")
    assert "Your group uses this word too" in asked
    assert "Juma" not in asked
    assert "Please dial" in amina.texts("2")
    amina.texts("ride")
    assert "Send it now?" in amina.texts("1")
    assert copies(juma) == 0
    amina.texts("2")
    assert copies(juma) == 1


def test_a_word_of_a_survey_cannot_become_ones_own(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    publishes(service, group, keyword="ride")
    plans(amina, "Ways to send", "By text")
    amina.types("Ride!")
    amina.sees("That word means something else here")
    assert "Do you have a way to come?" in amina.texts("ride")
    assert copies(juma) == 0


@pytest.mark.both_databases
def test_a_group_and_a_survey_that_take_one_code_at_once_do_not_both_get_it(service: Service, group: Group) -> None:
    survey, refused = publishes(service, group), list[Invalid]()

    def creates_a_group() -> None:
        with service.database.transaction() as session:
            try:
                groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="7120")
            except Invalid as told:
                refused.append(told)

    other = threading.Thread(target=creates_a_group)
    with service.database.transaction() as session:
        reach = SurveyAccess(False, False, "", "7120")
        surveys.set_access(session, session.get_one(Survey, survey), reach, "*384*77#")
        session.flush()
        other.start()
        other.join(0.3)  # long enough to find the code free if it were not locked
    other.join()
    assert [str(told) for told in refused] == ["The code 7120 is taken, by another group or by a flow."]


def test_two_who_publish_the_same_draft_make_one_version(group: Group, service: Service) -> None:
    number = publishes(service, group)
    with service.database.transaction() as session:
        one = session.get_one(Survey, number)
        surveys.save_draft(session, one, LIST, one.draft_number)
        looked = one.draft_number
    for _admin in range(2):
        with service.database.transaction() as session:
            one = session.get_one(Survey, number)
            assert surveys.publish(session, one, None, service.now(), looked).number == 2
            assert len(surveys.versions(session, one)) == 2
