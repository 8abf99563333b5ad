"""Writing a survey in the browser: starting, editing, trying and publishing it; a phone answers it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from smsgate.models import Group, Role, Survey
from smsgate.models import Phone as Persona
from smsgate.service import Service
from smsgate.surveys.definitions import yaml_files
from tests.support.console import Console, leads
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import joins
from tests.support.surveys import RIDE

FLOWS = "/console/groups/4521/flows"


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina)

    opening(begins, console, amina)
    return console


def begins(console: Console, data: dict[str, Any] | None = None) -> None:
    """Start a survey from a file."""
    console.opens(FLOWS)
    paper = (io.BytesIO(json.dumps(data or RIDE).encode()), "ride.yaml")
    console.sends("Start", file=paper)


def test_from_the_library_to_the_answer_of_a_phone(
    console: Console, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    joins(juma)
    console.opens(FLOWS)
    console.sends("Start", pattern="topics", title="What next?")
    console.sees(
        "What next?", "Draft: members can't see it yet", "Every screen fits", "1 Sleep and rest", "All screens"
    )
    console.sends("Publish")
    console.sees("Version 1 is published", "Members see version 1.")
    console.sends("Save", form=1, in_menu="y", keyword="topics", code="712")
    console.sees("*384*77*712#")
    juma.dials("*384*77*712#", "5", "Gardens")
    juma.sees("Thank you.")
    juma.dials()
    juma.picks("Groups", "Tumaini", "From the group")
    juma.sees("What next?")
    console.follows("Answers")
    console.sees("fewer than 5 answered.", "Something else fewer than 5", "Gardens", "We don't store who they are.")
    console.sees_not("Juma", "0002")
    console.sends("Tell members what to dial")
    console.sees("Fewer than 5 people get it, now", "dial *384*77*712# or text TOPICS")
    juma.hears_nothing_new()
    console.sends("Send")
    juma.hears("dial *384*77*712# or text TOPICS")
    console.sends("Tell members what to dial")
    console.sees("Members were already told today")
    console.sends("Preview again", status=422, at="2020-01-01T10:00")
    console.sees("Choose a time in the next 60 days.")
    console.sends("Tell members what to dial", at="2026-11-26T18:00")
    console.sees("Fewer than 5 people get it, Thu 26 Nov 18:00")
    console.sends("Send")
    console.sees("Sending. Members will read what to dial.")
    assert len([one for one in juma.reads() if "712" in one]) == 1
    time_passes(days=3, hours=9)
    assert len([one for one in juma.reads() if "712" in one]) == 2


def test_written_step_by_step_and_tried_before_anybody_meets_it(console: Console, amina: Phone) -> None:
    console.opens(FLOWS)
    console.sends("Start", pattern="", title="Tea")
    console.sees("Add at least 1.")
    console.follows("Multiple choice")
    console.sends("Save", text_en="Shall there be tea?", label_1_en="Yes", label_2_en="No", as_="Tea!")
    console.sees("Saved as a draft.", "1 Yes", "2 No", "3 Skip", "characters of 160")
    console.sends("Send", key="1")
    console.sees("Thank you.")
    console.follows("Message")
    console.sends("Save", text_en="Then bring a cup.", if_is=["tea=yes"])
    console.follows("Change Step 1")
    assert "Shall there be tea?" in console.last.text
    console.sends("Save", text_en="Shall there be tea and bread?")
    console.sends("Send", key="1")
    console.sees("Then bring a cup.")
    console.follows("Start again")
    console.sends("Send", key="2")
    console.sees("Thank you.")
    amina.dials()
    amina.picks("Groups", "Tumaini")
    amina.sees_not("From the group")


def test_the_verdict_stands_in_the_way_of_publishing(console: Console, service: Service) -> None:
    bad = json.loads(json.dumps(RIDE))
    bad["steps"][2]["say"]["en"] = "Take your medicine."
    begins(console, bad)
    console.sees("to fix", "“medicine” is a medical word")
    assert "Publish" not in [button for form in console.page.forms for button in form.buttons]
    token = console.form("Save").values[0][1]
    console.posts(f"{console.at}/publish", {"csrf_token": token, "once": "x"})
    console.sees("It can't be published yet.")
    with service.database.reading() as session:
        assert session.query(Survey).one().version_id is None


def test_versions_are_compared_and_gone_back_to(console: Console) -> None:
    begins(console)
    console.sends("Publish")
    console.follows("Change Step 3")
    console.sends("Save", text_en="See you there.")
    console.sees("Your draft is different from it.", "Changes in your draft", "Thank you. See you there.")
    console.sends("Publish")
    console.sees("Members see version 2.")
    console.sends("Use this version", form=1)
    console.sees("That version is now your draft.", "Thank you.")


def test_steps_change_places_and_go(console: Console, service: Service) -> None:
    begins(console)
    console.sends("Down Step 2")
    console.sends("Delete Step 3")
    with service.database.reading() as session:
        steps = json.loads(session.query(Survey).one().draft)["steps"]
    assert [next(iter(step)) for step in steps] == ["choose", "say"]


def test_of_two_equal_steps_the_one_that_was_pressed_moves_and_goes(console: Console, service: Service) -> None:
    same = {"say": {"en": "Bring a cup."}}
    twice = {**RIDE, "steps": [same, RIDE["steps"][1], same]}

    def kinds() -> list[str]:
        with service.database.reading() as session:
            return [next(iter(step)) for step in json.loads(session.query(Survey).one().draft)["steps"]]

    begins(console, twice)
    assert kinds() == ["say", "ask", "say"]
    console.sends("Up Step 3")
    assert kinds() == ["say", "say", "ask"]
    console.sends("Down Step 2")
    console.sends("Delete Step 3")
    assert kinds() == ["say", "ask"]


def test_two_who_change_it_at_once(console: Console, app: Flask, service: Service, group: Group, juma: Phone) -> None:
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    begins(console)
    other.opens(console.at)
    console.follows("Change Step 3")
    other.follows("Change Step 3")
    console.sends("Save", text_en="Ours")
    other.sends("Save", text_en="Theirs", status=409)
    assert "Theirs" in other.last.text, "what was typed is not lost"
    other.sends("Save")
    other.sees("Saved as a draft.", "Theirs")


@pytest.mark.parametrize(
    ("step", "pressed", "kept"),
    [
        ("Step 2", ("Delete Step 1",), ["Theirs", "Thank you."]),
        ("Step 2", ("Up Step 2", "Duplicate Step 3"), ["Theirs", "Do you have a way to come?", *["Thank you."] * 2]),
        ("Step 2", ("Delete Step 2",), ["Do you have a way to come?", "Theirs", "Thank you."]),
        ("Step 3", ("Delete Step 1", "Delete Step 1", "Delete Step 1"), ["Theirs"]),
    ],
)
def test_a_step_that_another_moved_or_deleted_meanwhile_takes_no_other_ones_place(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone, step: str, pressed: tuple[str, ...],
    kept: list[str],
) -> None:  # fmt: skip
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    begins(console)
    other.opens(console.at)
    console.follows(f"Change {step}")
    for button in pressed:
        other.sends(button)
    console.sends("Save", text_en="Theirs", status=409)
    assert "Theirs" in console.last.text, "what was typed is not lost"
    console.sends("Save")
    console.sees("Saved as a draft.")
    with service.database.reading() as session:
        steps = json.loads(session.get_one(Survey, 1).draft)["steps"]
        assert [next(each["en"] for each in one.values() if isinstance(each, dict)) for one in steps] == kept


def test_what_another_changed_meanwhile_is_not_published_unseen(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone
) -> None:
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    begins(console)
    console.sends("Publish")
    other.opens(console.at)
    console.follows("Change Step 3")
    console.sends("Save", text_en="See you there.")
    for button in ("Publish", "Use this version"):
        other.sends(button)
        other.sees("Someone else changed this flow in the meantime.", "See you there.", "Members see version 1.")
        other.opens(FLOWS)
        other.follows("Getting there")
        console.follows("Change Step 3")
        console.sends("Save", text_en="See you there.")
    other.opens(console.at)
    other.sends("Publish")
    other.sees("Members see version 2.")


def test_two_who_change_how_it_is_reached(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone
) -> None:
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    begins(console)
    other.opens(console.at)
    console.sends("Save", form=1, keyword="ride")
    other.sends("Save", form=1, code="712", status=422)
    other.sees("Someone else changed this in the meantime.")
    with service.database.reading() as session:
        assert session.query(Survey).one().keyword == "ride"
    other.sends("Save", form=1)
    other.sees("*384*77*712#")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: &x [1]\nb: *x", "Anchors and aliases"),
        (b"\xff\xfe", "isn't UTF-8"),
        (b"steps: 3", "Something is missing"),
        (b"x" * 250_000, "larger than 200 KB"),
    ],
)
def test_a_file_that_is_none_is_told_beside_its_field(console: Console, content: bytes, said: str) -> None:
    console.opens(FLOWS)
    console.sends("Start", file=(io.BytesIO(content), "x.yaml"), status=422)
    console.sees(said)


def test_a_file_to_take_along_is_one_to_bring_back(console: Console) -> None:
    begins(console)
    console.last = console.client.get(f"{console.at}/file")
    assert yaml_files.load(console.last.data)["name"] == "ride"  # type: ignore[index]


def test_hostile_words_stay_words(console: Console) -> None:
    hostile = json.loads(json.dumps(RIDE))
    hostile["steps"][0]["choose"]["en"] = '<img src=x onerror=alert(1)> {{7*7}} "x"'
    begins(console, hostile)
    assert "<img" not in console.last.text
    console.sees('<img src=x onerror=alert(1)> {{7*7}} "x"')


def test_a_table_to_take_along_has_no_formula(console: Console, juma: Phone) -> None:
    joins(juma)
    begins(console)
    console.sends("Publish")
    console.sends("Save", form=1, code="712")
    juma.dials("*384*77*712#", "2", "=1+1")
    console.follows("Answers")
    form = console.form("Download answers (CSV)")
    table = console.client.post(form.action, data=dict(form.values)).text
    assert "'=1+1" in table
    assert "Day answered,way,place" in table


def test_a_word_that_is_taken_is_told(console: Console) -> None:
    begins(console)
    console.sends("Save", form=1, keyword="stop", status=422)
    console.sees("The word or code is taken")
    assert 'value="stop"' in console.last.text


def steps_of(service: Service) -> list[dict[str, Any]]:
    with service.database.reading() as session:
        found: list[dict[str, Any]] = json.loads(session.query(Survey).one().draft)["steps"]
    return found


def test_a_step_is_duplicated_inserted_dragged_and_a_deletion_undone(console: Console, service: Service) -> None:
    begins(console)
    before = steps_of(service)
    console.sends("Duplicate Step 2")
    console.follows("Message (Insert before Step 1)")
    console.sends("Save", text_en="Hello there.")
    after = steps_of(service)
    assert [next(iter(step)) for step in after] == ["say", "choose", "ask", "ask", "say"]
    assert after[0]["say"]["en"] == "Hello there."
    assert after[3]["as"] == f"{before[1]['as']}_2"
    token = console.form("Down Step 1")
    console.posts(token.action.replace("down", "to-4"), dict(token.values))
    assert steps_of(service)[4]["say"]["en"] == "Hello there."
    console.sends("Delete Step 5")
    console.sees("Deleted: Hello there.")
    console.sends("Undo")
    console.sees("Step restored.")
    assert steps_of(service)[4]["say"]["en"] == "Hello there."
    console.sees_not("Deleted:")


def test_every_deletion_is_undone_the_last_one_first(console: Console, service: Service) -> None:
    begins(console)
    before = steps_of(service)
    for _step in before:
        console.sends("Delete Step 1")
    assert steps_of(service) == []
    for _step in before:
        console.sends("Undo")
    assert steps_of(service) == before
    console.sees_not("Deleted:")


def test_an_undo_that_somebody_overtook_says_so_and_is_not_lost(console: Console, service: Service) -> None:
    begins(console)
    before = steps_of(service)
    console.sends("Delete Step 1")
    undo, down = console.form("Undo"), console.form("Down Step 1")
    console.posts(down.action, dict(down.values))  # in another window
    console.posts(undo.action, dict(undo.values))
    console.sees("Someone else changed this flow in the meantime.", "Deleted:")
    console.sees_not("Step restored.")
    console.sends("Undo")
    console.sees("Step restored.")
    assert steps_of(service)[0] == before[0]


def test_a_way_that_is_taken_publishes_nothing(console: Console, service: Service) -> None:
    begins(console)
    console.sends("Publish", code="4521", status=422)
    console.sees("The word or code is taken", "Draft: members can't see it yet")
    again = console.form("Publish")
    console.sends("Publish", code="712", in_menu=None)
    console.sees("Version 1 is published", "Fewer than 5 people get it", "dial *384*77*712#")
    with service.database.reading() as session:
        one = session.query(Survey).one()
        assert (one.code, one.in_menu) == ("712", False)
    console.posts(again.action, {**dict(again.values), "code": "712", "do": "publish"})
    console.sees("This was already done.", "Members see version 1.")


def test_a_condition_is_chosen_from_earlier_answers(console: Console, service: Service) -> None:
    begins(console, RIDE)
    asked = next(step for step in steps_of(service) if "choose" in step)
    console.follows("Message")
    console.sees(f"Answered “{asked['choose']['en']}” with", asked["options"][0]["label"]["en"])
    console.sends("Save", text_en="See you.", if_is=[f"{asked['as']}={asked['options'][0]['is']}"])
    assert steps_of(service)[-1]["only_if"] == {"step": asked["as"], "is": [asked["options"][0]["is"]]}
    console.sees("Only if", asked["options"][0]["label"]["en"], "Picture of the flow")
    console.follows(f"Change Step {len(steps_of(service))}")
    console.sends("Save")
    assert "only_if" in steps_of(service)[-1], "what was chosen stays chosen"


def test_results_are_bars_and_told_in_a_notice_that_is_previewed(
    console: Console, service: Service, phone: Callable[[str], Phone]
) -> None:
    console.opens(FLOWS)
    console.sends("Start", pattern="topics", title="What next?")
    console.sends("Publish")
    console.sends("Save", form=1, code="712")
    for n in range(6):
        member = phone(f"+25471100020{n}")
        joins(member, "Amina")
        member.dials("*384*77*712#", "1" if n < 5 else "2")
    console.follows("Answers")
    console.sees("6 answered.", "Sleep and rest 5 · 83 %", "Work and money fewer than 5", "Our rights 0 · 0 %")
    console.sends("Share the results with members")
    assert "6 answered: Sleep and rest 5, Work and money fewer than 5" in console.last.text
    console.sees("Preview", "6 answered: Sleep and rest 5", "Kiswahili", "6 walijibu:")
    console.opens(f"{FLOWS}/1")
    console.sends("Archive this flow")
    console.sees("Archived", "What next?")
    console.follows("Answers: What next?")
    console.sees("archived", "Sleep and rest 5 · 83 %")
    console.sees_not("Tell the members")


def test_answers_of_one_language_or_week(
    console: Console, service: Service, amina: Phone, phone: Callable[[str], Phone], time_passes: Callable[..., None]
) -> None:
    begins(console, RIDE)
    console.sends("Publish", code="712")
    first, second = (one["is"] for one in RIDE["steps"][0]["options"][:2])
    people = [("sw", first, 0)] * 5 + [("sw", second, 0)] + [("en", first, 7)] * 5 + [("en", second, 7)] * 5
    for n, (language, answer, days) in enumerate(people):
        if n == 6:
            time_passes(days=days)
        member = phone(f"+2547110002{n:02}")
        joins(member, "Amina")
        with service.database.transaction() as session:
            session.query(Persona).filter_by(number=member.number).update({"language": language})
        member.dials("*384*77*712#", *(["1"] if answer == first else ["2", "Town"]))
    console.signs_in(amina)
    console.opens(f"{FLOWS}/1/answers")
    console.sees("16 answered.", "10 · 62 %", "6 · 38 %")
    label = RIDE["steps"][0]["options"][0]["label"]["en"]
    console.sends("Show", only="sw")
    console.sees("Kiswahili: 6 answered.", f"{label} 5 · 83 %")
    console.sees_not("6 · 38 %")
    other = RIDE["steps"][0]["options"][1]["label"]["en"]
    console.sees(f"{other} –")
    console.sends("Show", only="en")
    console.sees(f"{label} 5 · 50 %", f"{other} –")
    console.sends("Show", only="2026-11-30")
    console.sees("10 answered.", f"{other} –")
    console.opens(f"{FLOWS}/1/answers?only=fr")
    console.sees("10 · 62 %")
