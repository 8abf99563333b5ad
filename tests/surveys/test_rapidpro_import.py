"""Flows as RapidPro really exports them: what each part becomes, and that nothing is lost silently."""

from __future__ import annotations

from typing import Any

import pytest

from smsgate.flows.survey import Place, after, ahead
from smsgate.surveys.definitions import rapidpro
from smsgate.surveys.definitions.rapidpro.options import options_in
from smsgate.surveys.definitions.schema import ERROR, InvalidDefinition, parse_definition
from smsgate.surveys.definitions.validation import find_faults
from tests.support.rapidpro import does, flow, number, says, splits, waits, words


def imported(*nodes: dict[str, Any], **more: Any) -> tuple[list[dict[str, Any]], str]:
    """Return the steps of an imported flow and what was reported; check that it can be published."""
    made = rapidpro.import_flow(flow(*nodes, **more))
    definition = parse_definition(made.data)
    assert [fault for fault in find_faults(definition) if fault.severity == ERROR] == []
    return definition["steps"], "\n".join(made.left)


def questions(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for step in steps if "ask" in step or "choose" in step]


def labels(step: dict[str, Any]) -> list[str]:
    return [option["label"]["en"] for option in step["options"]]


def heard(steps: list[dict[str, Any]], *answers: str) -> list[str]:
    """Return what someone reads who gives these answers, each a choice's label or words."""
    definition = {"smsgate": 2, "languages": ["en"], "steps": steps}
    place, told, rest = Place(), list[str](), list(answers)
    while True:
        said, question = ahead(definition, place)
        told += [text["en"] for text in said]
        if question is None:
            return told
        step = steps[question.at]
        told.append((step.get("ask") or step["choose"])["en"])
        if not rest:
            return told
        typed = rest.pop(0)
        value = next((one["is"] for one in step.get("options", ()) if one["label"]["en"] == typed), typed)
        place = after(definition, question, value)


YES, NO = words("Yes", "yes 1", "good"), words("No", "no 2", "bad")


def test_a_question_and_the_wait_behind_it_are_one_step() -> None:
    steps, _said = imported(
        says("q", "Do you like tea?", "w"), waits("w", "Tea", words("Yes", "yes", "good"), words("No", "no", "bad")),
        says("good", "So do we."), says("bad", "Water, then."),
    )  # fmt: skip
    assert questions(steps)[0]["choose"] == {"en": "Do you like tea?"}
    assert "?" not in [next(iter(step.get("say", {"": ""}).values())) for step in steps]
    assert heard(steps, "Yes") == ["Do you like tea?", "So do we."]
    assert heard(steps, "No") == ["Do you like tea?", "Water, then."]


def test_one_is_no_where_the_text_says_so() -> None:
    steps, _said = imported(
        says("q", "Will you come? 1 = No, 2 = Yes", "w"),
        waits("w", "Coming", words("Yes", "yes 2", "good"), words("No", "no 1", "bad"), other="sorry"),
        says("sorry", "Sorry, 1 or 2?", "w"), says("good", "Good."), says("bad", "Next time."),
    )  # fmt: skip
    assert labels(questions(steps)[0]) == ["No", "Yes"]
    assert questions(steps)[0]["choose"] == {"en": "Will you come?"}
    assert heard(steps, "No")[-1] == "Next time."
    assert heard(steps, "Yes")[-1] == "Good."


def test_keys_that_the_phone_cannot_keep_are_told() -> None:
    steps, said = imported(
        says("q", "More?\n1. Yes\n0. No\n999. No answer", "w"),
        waits("w", "More", words("Yes", "yes 1"), words("No", "no 0"), words("None", "999")),
    )  # fmt: skip
    assert labels(questions(steps)[0]) == ["Yes", "No", "No answer"]
    assert "0 becomes 2 (“No”), 999 becomes 3 (“No answer”)" in said


@pytest.mark.parametrize(
    ("text", "stem", "found"),
    [
        ("Do you agree? 1 = Yes, 2. No", "Do you agree?", "1 Yes, 2 No"),
        ("Do you agree? Reply 1 for Yes or 2 for No.", "Do you agree?", "1 Yes, 2 No"),
        ("Je, unakubali? Jibu 1 kwa Ndiyo au 2 kwa Hapana", "Je, unakubali?", "1 Ndiyo, 2 Hapana"),
        ("Ca va? Tapez 1 pour Oui, 2 pour Non", "Ca va?", "1 Oui, 2 Non"),
        ("Sex? Male (1) / Female (2)", "Sex?", "1 Male, 2 Female"),
        ("Tea? For yes reply 1, for no reply 2", "Tea?", "1 yes, 2 no"),
        ("Are you: (1) a mother (2) a father (3) other?", "Are you:", "1 a mother, 2 a father, 3 other"),
        ("Choose one: a) Red b) Blue", "Choose one:", "a Red, b Blue"),
        ("How?\n2) Bad\n1) Good", "How?", "1 Good, 2 Bad"),
        ("How? 1 Good 2 Bad", "How?", "1 Good, 2 Bad"),
        ("Which? 1-Yes 2-No", "Which?", "1 Yes, 2 No"),
        ("How?\n1\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP} Good\n"
         "2\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP} Bad", "How?", "1 Good, 2 Bad"),
        ("Reply 'A' for tea, 'B' for milk", "", "a tea, b milk"),
        ("Boy or girl?\n1 Boy\n0 Girl\n111\tOther", "Boy or girl?", "1 Boy, 0 Girl, 111 Other"),
    ],
)  # fmt: skip
def test_answers_that_a_text_names(text: str, stem: str, found: str) -> None:
    said, options = options_in(text)
    assert ", ".join(f"{one.key} {one.label}" for one in options) == found
    assert said == stem


@pytest.mark.parametrize(
    "text",
    [
        "Meet at 8:30. Bring 2 kg. I agree.",
        "On a scale of 1-5, with 1 being not likely and 5 being very likely, how likely is it?",
        "Step 2: look. Step 3: think.",
        "Reply YES or NO",
        "It costs 1.50, or 2.50 with milk.",
    ],
)
def test_a_text_that_names_none(text: str) -> None:
    assert options_in(text) == (text, [])


def test_other_words_that_the_text_offers_are_answers_too() -> None:
    steps, _said = imported(
        says("q", 'Which tip?\n1. Sleep\n2. Rest\nYou can also type "N" to stop these tips.', "w"),
        waits("w", "Tip", number("1", "eq", 1, to="a"), number("2", "eq", 2, to="b"), words("N", "n no", "c"),
              other="q"),
        says("a", "Sleep early."), says("b", "Sit down."), says("c", "Bye."),
    )  # fmt: skip
    assert labels(questions(steps)[0]) == ["Sleep", "Rest", "stop these tips"]
    assert questions(steps)[0]["choose"] == {"en": "Which tip?"}
    assert heard(steps, "stop these tips")[-1] == "Bye."


@pytest.mark.parametrize(
    ("way", "typed", "other"),
    [
        (("Way", [("has_phrase", ["my tea"])]), "my tea", "milk"),
        (("Way", [("has_only_phrase", ["tea"])]), "Tea", "my tea"),
        (("Way", [("has_all_words", ["tea milk"])]), "tea milk", "tea"),
        (("Way", [("has_beginning", ["tea"])]), "tea", "milk"),
        (("Way", [("has_any_word", ["tea chai"])]), "chai", "milk"),
    ],
)
def test_rules_about_words_decide_between_ways(way: Any, typed: str, other: str) -> None:
    steps, _said = imported(
        says("q", f"What? 1. {typed} 2. {other}", "w"), waits("w", "What", (*way, "yes"), other="no"),
        says("yes", "Here."), says("no", "Gone."),
    )  # fmt: skip
    assert heard(steps, typed)[-1] == "Here."
    assert heard(steps, other)[-1] == "Gone."


def test_a_number_goes_its_way_by_how_high_it_is() -> None:
    steps, said = imported(
        says("q", "How old are you?", "w"),
        waits("w", "Age", number("Child", "lt", 18, to="c"), number("Grown", "between", 18, 99, to="g"), other="again"),
        says("again", "A number, please.", "w"), says("c", "For the young."), says("g", "For the old."),
    )  # fmt: skip
    assert questions(steps)[0]["kind"] == "number"
    assert questions(steps)[0]["up_to"] == 99
    assert heard(steps, "17")[-1] == "For the young."
    assert heard(steps, "18")[-1] == "For the old."
    assert "“A number, please.” after another answer is left out: the phone asks again by itself." in said


def test_marks_from_one_to_five_are_a_choice() -> None:
    ways = [number(str(mark), "eq", mark, to="low" if mark < 3 else "high") for mark in range(1, 6)]
    steps, _said = imported(
        says("q", "From 1 to 5?", "w"), waits("w", "Mark", *ways, other="q"), says("low", "Oh."), says("high", "Ah."),
    )  # fmt: skip
    assert labels(questions(steps)[0]) == ["1", "2", "3", "4", "5"]
    assert heard(steps, "2")[-1] == "Oh."
    assert heard(steps, "3")[-1] == "Ah."


def test_any_text_is_an_answer_in_words() -> None:
    steps, _said = imported(
        says("q", "What is your hope?", "w"), waits("w", "Hope", ("Has Text", [("has_text", [])], "t"), other="q"),
        says("t", "Thank you."),
    )  # fmt: skip
    assert questions(steps) == [{"ask": {"en": "What is your hope?"}, "as": "hope"}]
    assert heard(steps, "Rain")[-1] == "Thank you."


@pytest.mark.parametrize("operand", ["@results.tea", "@results.tea.category", '@(default(results.tea.category, ""))'])
def test_a_later_node_goes_by_an_earlier_answer(operand: str) -> None:
    steps, _said = imported(
        says("q", "Tea?\n1. Yes\n2. No", "w"), waits("w", "Tea", words("Yes", "1 yes", "m"), words("No", "2 no", "m")),
        says("m", "We meet on Friday.", "s"),
        splits("s", operand, ("Y", [("has_any_word", ["yes 1"])], "cup"), other="none"),
        says("cup", "Bring a cup."), says("none", "See you."),
    )  # fmt: skip
    assert heard(steps, "Yes")[-2:] == ["We meet on Friday.", "Bring a cup."]
    assert heard(steps, "No")[-2:] == ["We meet on Friday.", "See you."]


def test_a_category_is_asked_for() -> None:
    steps, _said = imported(
        says("q", "Tea? 1. Yes 2. No", "w"), waits("w", "Tea", words("Sure", "1", "s"), words("Never", "2", "s")),
        splits("s", "@results.tea", ("S", [("has_category", ["Sure"])], "a"), other="b"),
        says("a", "A"), says("b", "B"),
    )  # fmt: skip
    assert heard(steps, "Yes")[-1] == "A"
    assert heard(steps, "No")[-1] == "B"


def test_what_a_flow_notes_is_remembered() -> None:
    steps, said = imported(
        says("q", "Tea? 1. Yes 2. No", "w"), waits("w", "", words("Yes", "1 yes", "y"), words("No", "2 no", "n")),
        does("y", {"type": "set_run_result", "name": "Guest kind", "value": "Tea guest"}, to="s"),
        does("n", {"type": "set_contact_field", "field": {"key": "drink", "name": "Drink"}, "value": "water"}, to="s"),
        splits("s", "@results.guest_kind", ("T", [("has_phrase", ["tea guest"])], "a"), other="t"),
        splits("t", "@contact.fields.drink", ("W", [("has_only_text", ["water"])], "b"), other="c"),
        says("a", "Your cup."), says("b", "Your glass."), says("c", "Nothing."),
    )  # fmt: skip
    assert {(step["remember"], step["value"]) for step in steps if "remember" in step} == {
        ("guest_kind", "tea_guest"), ("drink", "water")}  # fmt: skip
    assert heard(steps, "Yes")[-1] == "Your cup."
    assert heard(steps, "No")[-1] == "Your glass."
    assert "is the result of a calculation" not in said


def test_a_field_that_takes_an_answer_is_that_answer() -> None:
    steps, said = imported(
        says("q", "Which village?", "w"), waits("w", "", other="f"),
        does("f", {"type": "set_contact_field", "field": {"key": "village", "name": "V."}, "value": "@input.text"}),
    )  # fmt: skip
    assert questions(steps)[0]["as"] == "village"
    assert "“village” is an answer, which is saved under its own name" in said


def test_silent_nodes_are_passed_by_and_told() -> None:
    steps, said = imported(
        says("q", "Hello.", "g"),
        does("g", {"type": "add_contact_groups", "groups": [{"name": "Guests"}]}, {"type": "call_webhook", "url": "x"},
             to="e"),
        splits("e", "@child.run.status", ("Complete", [("has_only_text", ["completed"])], "t"),
               ("Expired", [("has_only_text", ["expired"])], "x"), other="x",
               actions=[{"uuid": "a", "type": "enter_flow", "flow": {"name": "Sub flow"}}]),
        says("t", "Goodbye."), says("x", "Too late."),
    )  # fmt: skip
    assert [step["say"]["en"] for step in steps] == ["Hello.", "Goodbye."]
    for what in (
        "group “Guests”",
        "outside service (x)",
        "the flow “Sub flow”",
        "Expired",
        "“Too late.”: nothing leads",
    ):
        assert what in said, what


def test_the_wait_that_is_left_after_a_time_is_told() -> None:
    _steps, said = imported(
        says("q", "Tea?", "w"), waits("w", "Tea", words("Yes", "yes"), words("No", "no"), after=(600, "late")),
        says("late", "You did not answer."),
    )  # fmt: skip
    assert "“Tea?”: after 10.0 minutes without an answer it went on to “You did not answer.”" in said


def test_a_list_that_comes_again_is_one() -> None:
    steps, said = imported(
        says("q", "Read what?\n1. Rights\n2. Places\n3. Leave", "w"),
        waits("w", "What", words("R", "1", "r"), words("P", "2", "p"), words("L", "3"), other="q"),
        says("r", "You may always ask.", "q"), says("p", "We meet at noon.", "q"),
    )  # fmt: skip
    assert questions(steps)[0]["again"] is True
    assert heard(steps, "Rights", "Places", "Leave")[1::2] == ["You may always ask.", "We meet at noon."]
    assert "A way back" not in said


def test_a_way_back_that_is_no_list_is_told() -> None:
    steps, said = imported(
        says("a", "Name?", "w"), waits("w", "Name", other="b"),
        says("b", "Is that right? 1. Yes 2. No", "v"), waits("v", "Right", words("Y", "1", "c"), words("N", "2", "a")),
        says("c", "Good."),
    )  # fmt: skip
    assert heard(steps, "Amina", "Yes")[-1] == "Good."
    assert "A way back to “Name?” is left out" in said


def test_more_than_nine_answers_are_on_two_lists() -> None:
    lines = "\n".join(f"{at}. Place number {'abcdefghijkl'[at - 1]}" for at in range(1, 13))
    ways = [number(str(at), "eq", at, to="x" if at == 12 else "y") for at in range(1, 13)]
    steps, _said = imported(
        says("q", f"Where?\n{lines}", "w"), waits("w", "Where", *ways), says("x", "Far."), says("y", "Near."),
    )  # fmt: skip
    assert [len(step["options"]) for step in questions(steps)] == [9, 4]
    assert heard(steps, "More", "Place number l")[-1] == "Far."
    assert heard(steps, "Place number a")[-1] == "Near."


# files, versions, languages


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"version": 7, "flows": [{"action_sets": [], "rule_sets": [], "metadata": {"name": "Old"}}]},
         "Old: This is version 7; only 13 and 14 can be read"),
        ({"flows": [flow(says("q", "Hi"), spec_version="11.12")]}, "version 11.12"),
        (flow(says("q", "Hi"), spec_version="15.0.0"), "version 15.0.0"),
        ({"action_sets": [], "rule_sets": [], "entry": "x"}, "before 13"),
        ({"flows": []}, "no RapidPro flow"),
    ],
)  # fmt: skip
def test_other_versions_are_named_and_refused(data: object, said: str) -> None:
    assert rapidpro.is_rapidpro_flow(data)
    with pytest.raises(InvalidDefinition, match=said):
        rapidpro.import_flow(data)


def test_versions_13_and_14_are_read() -> None:
    for version in ("13.0.0", "13.6.1", "14.4.2"):
        assert imported(says("q", "Hi"), spec_version=version)[0] == [{"say": {"en": "Hi"}}]


MANY = {
    "version": "13",
    "flows": [flow(says("q", "One"), name="First"), flow(says("q", "Two"), name="Second", uuid="s")],
}


def test_one_is_picked_from_a_file_of_many() -> None:
    with pytest.raises(rapidpro.SeveralFlows, match="This file has 2 flows") as several:
        rapidpro.import_flow(MANY)
    assert [one.name for one in several.value.flows] == ["First", "Second"]
    for which in ("2", "second", "s"):
        assert rapidpro.import_flow(MANY, which).data["steps"] == [{"say": {"en": "Two"}}]
    with pytest.raises(rapidpro.SeveralFlows, match="no flow called Third"):
        rapidpro.import_flow(MANY, "Third")


def test_a_language_that_the_service_lacks_is_not_said_as_english() -> None:
    spanish = flow(says("q", "Hola"), language="spa", localization={"swa": {"m-q": {"text": ["Habari"]}}, "por": {}})
    with pytest.raises(rapidpro.UnknownLanguage, match="it's in spa"):
        rapidpro.import_flow(spanish)
    only = rapidpro.import_flow(spanish, languages={"spa": ""})
    assert only.data["languages"] == ["sw"]
    assert only.data["steps"] == [{"say": {"sw": "Habari"}}]
    assert "The text in spa is left out." in only.left
    both = rapidpro.import_flow(spanish, languages={"spa": "en"})
    assert both.data["steps"] == [{"say": {"en": "Hola", "sw": "Habari"}}]
    assert "The text in por is left out." in both.left


def test_a_flow_that_does_not_say_its_language() -> None:
    said = rapidpro.import_flow(
        flow(says("q", "What is your hope for the group? We would like to know."), language="base")
    )
    assert said.data["languages"] == ["en"]
    assert "it looks like English" in said.left[0]
    swahili = rapidpro.import_flow(flow(says("q", "Je, hii ni namba yako ya simu? Tafadhali jibu."), language="und"))
    assert swahili.data["languages"] == ["sw"]
    with pytest.raises(rapidpro.UnknownLanguage):
        rapidpro.import_flow(flow(says("q", "Xyz"), language="base"))


def test_words_without_a_translation_are_told() -> None:
    _steps, said = imported(says("q", "Hello."), says("r", "x"), localization={"fra": {}})
    assert "“Hello.” isn't written in Français" in said


def test_what_stands_beside_the_nodes_is_told() -> None:
    data = {"version": "13", "flows": [flow(says("q", "Hi", attachments=["image:x"]), expire_after_minutes=60)],
            "campaigns": [{}], "triggers": [{}, {}]}  # fmt: skip
    said = "\n".join(rapidpro.import_flow(data).left)
    for what in ("1 campaigns", "2 triggers", "after 60 minutes", "pictures, sound or files"):
        assert what in said, what


def test_every_node_comes_over_or_is_named() -> None:
    """This includes splits by something unknown or by chance, and exits that lead nowhere."""
    made = rapidpro.import_flow(flow(
        says("a", "Start.", "b"), splits("b", "@fields.region", words("North", "north", "n"), other="s"),
        says("n", "Northern words."), says("s", "Southern words.", "r"),
        {**splits("r", "", ("A", [], "p"), other="q"), "router": {"type": "random", "categories": [
            {"uuid": "1", "name": "A", "exit_uuid": "x-r-0"}, {"uuid": "2", "name": "B", "exit_uuid": "x-r-1"}]}},
        says("p", "Heads."), says("q", "Tails."), says("z", "Never reached."),
    ))  # fmt: skip
    told = str(made.data) + "\n".join(made.left)
    for text in ("Start.", "Northern words.", "Southern words.", "Heads.", "Tails.", "Never reached."):
        assert text in told, text
    assert "@fields.region isn't known here, so it goes on as “Other”" in "\n".join(made.left)
