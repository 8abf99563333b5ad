"""The directory in the console: a group's own listing; the network's lists, answers and notices to leaders."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from smsgate.models import Group, Role
from smsgate.service import Service
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import becomes, joins


@pytest.fixture
def network(app: Flask, service: Service, group: Group, fatuma: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        looks_after_the_network(service, fatuma)
        console.signs_in(fatuma)

    opening(begins, console, fatuma)
    return console


def brings(console: Console, words: bytes) -> str:
    form = console.form("Upload")
    data = {**dict(form.values), "file": (io.BytesIO(words), "areas.csv")}
    return console.posts(form.action, data)


def test_the_network_keeps_areas_languages_and_whom_groups_are_for(network: Console) -> None:
    network.opens("/console/")
    network.follows("Finding groups")
    brings(network, "Département,Ville\nNakuru,Naivasha\nNakuru,Molo\n,Ahero\n".encode("latin-1"))
    network.sees("3 areas added, 0 already on the list, 1 rows left out.", "Row 4:", "Molo, Naivasha")
    network.sends("Add", name="Kisumu")
    network.follows("Change Kisumu")
    network.sends("Add", name="Ahero")
    network.sees("Saved.", "Ahero")
    network.sends("Save", name="Kisumu County")
    network.sees("Kisumu County")
    network.sends("Remove")
    network.sees("Removed.", "Nakuru")
    network.sees_not("Kisumu County")
    network.sends("Save", names="English\nDholuo\n")
    network.sends("Add", form=1, words_en="New parents", words_sw="Wazazi wapya")
    network.sees("Saved.")
    assert "Wazazi wapya" in network.last.text
    network.sends("Remove New parents")
    assert "Wazazi wapya" not in network.last.text


def test_no_file_and_a_name_too_long_are_told(network: Console) -> None:
    network.opens("/console/directory")
    brings(network, b"")
    network.sees("Choose a CSV file")
    network.sends("Add", name="x" * 21)
    network.sees(": At most 20 characters.")


def test_what_is_refused_is_told_in_the_reader_s_language(network: Console) -> None:
    network.opens("/console/directory")
    network.sends("Add", name="Nakuru")
    network.sends("Add", name="Kisumu")
    network.follows("Kiswahili")
    network.opens("/console/directory")
    form = next(form for form in network.page.forms if "names" in dict(form.values))
    network.posts(form.action, {**dict(form.values), "names": "x" * 200}, status=422)
    network.sees("Jina liwe na herufi 1 hadi")
    network.opens("/console/directory")
    network.follows("Badilisha Kisumu")
    form = next(form for form in network.page.forms if dict(form.values).get("name") == "Kisumu")
    network.posts(form.action, {**dict(form.values), "name": "Nakuru"}, status=422)
    network.sees("Eneo lingine tayari lina jina hili.")
    network.opens("/console/directory")
    form = next(form for form in network.page.forms if form.action.endswith("/areas/file"))
    network.posts(form.action, {**dict(form.values), "file": (io.BytesIO("Nakuru,☂\n".encode()), "areas.csv")})
    network.sees("Simu nyingi haziwezi kuonyesha ☂.")


def test_a_group_says_how_it_is_found_and_a_stranger_reads_it(
    app: Flask, network: Console, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    network.opens("/console/directory")
    brings(network, b"Nakuru,Naivasha")
    leads(service, amina, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(amina)
    console.opens(f"/console/groups/{group.code}/settings")
    console.follows("How people find this group")
    area = console.form("Save").choices["area"][-1]
    open_to = console.form("Save").choices["open_to"][1]
    console.sends("Save", area=area, open_to=open_to, meets_en="Fridays at 5", shows_next="y")
    console.sees("Saved.")
    assert "Fridays at 5" in console.last.text
    juma.texts("FIND naivasha")
    juma.hears("Tumaini", "Naivasha, Nakuru. Fridays at 5", "For: Women")
    console.sends("Save", 422, meets_en="x" * 41)
    assert "Fridays at 5" in juma.texts("FIND 62482742")  # "Naivasha" on a keypad


def test_two_who_change_it_at_once_are_told(app: Flask, service: Service, group: Group, amina: Phone) -> None:
    leads(service, amina, group, Role.ADMIN)
    first, second = Console(app, service), Console(app, service)
    first.signs_in(amina)
    second.client = first.client
    for console in (first, second):
        console.opens(f"/console/groups/{group.code}/found")
    first.sends("Save", meets_en="Fridays")
    second.sends("Save", 422, meets_en="Mondays")
    second.sees("Someone else changed this group in the meantime.")
    second.sends("Save", meets_en="Mondays")
    assert "Mondays" in second.last.text


def test_two_admins_who_change_the_lists_of_the_network_at_once_are_told(
    app: Flask, service: Service, network: Console
) -> None:
    brought = Console(app, service)
    brought.client = network.client
    network.opens("/console/directory")
    network.sends("Save", names="English\nGikuyu\n")
    network.sends("Add", name="Kisumu")
    network.sends("Add", form=1, words_en="New parents")
    brought.opens("/console/directory")
    network.opens("/console/directory")
    network.sends("Save", names="English\nGikuyu\nDholuo\n")
    brought.sends("Save", names="English\n")
    brought.sees("Someone else changed this in the meantime. Your change wasn't saved.", "Gikuyu", "Dholuo")
    brought.sends("Save", names="English\nGikuyu\n")
    brought.sees("Saved.")
    brought.opens("/console/directory")
    network.opens("/console/directory")
    network.sends("Save New parents", words_en="Young parents")
    brought.sends("Save New parents", words_en="Old parents")
    brought.sees("Someone else changed this in the meantime.", "Young parents")
    for console in (network, brought):
        console.opens("/console/directory")
        console.follows("Change Kisumu")
    network.sends("Save", name="Kisumu County")
    brought.sends("Remove")
    brought.sees("Someone else changed this in the meantime.", "Kisumu County")
    network.sends("Remove")
    brought.sends("Save", name="Kisumu")
    brought.sees("Someone else changed this in the meantime.")


def test_the_public_page_is_turned_on_and_off_and_it_stands_in_the_log(network: Console) -> None:
    network.opens("/console/directory")
    network.sends("Turn on")
    network.sees("The public page is on.")
    assert network.client.get("/console/").status_code == 200
    network.opens("/console/log")
    network.sees("turned the public page of groups on")
    network.opens("/console/directory")
    network.sends("Turn off")
    network.sees("It's off: groups aren't shown on the internet.")


def test_who_would_like_to_start_a_group_is_answered_and_no_number_is_shown(network: Console, amina: Phone) -> None:
    joins(amina)
    amina.dials(None, "5", "2")
    amina.picks("Start a group")
    amina.types("Molo", "Young mothers need a room", "1")
    network.opens("/console/")
    network.follows("Requests to start a group 1")
    network.sees("Molo", "Young mothers need a room")
    assert amina.number[-6:] not in network.last.text
    network.sends("Send", words="Wonderful. Come to us on Friday.")
    network.sees("Your answer is being sent.", "answered")
    amina.hears("About your question: Wonderful. Come to us on Friday.")
    for words, said in (
        ("", "Write your answer first."),
        ("Karibu 🎉", "Many phones can't show 🎉"),
        ("x" * 81, "At most 80"),
    ):
        network.sends("Send", words=words, status=422)
        network.sees(said)
        assert not words or words in network.last.text, "what was typed is not lost"
    network.sends("Remove")
    network.sees("No requests now.")


@pytest.mark.parametrize("press", ["Send", "Remove"])
def test_who_asks_anew_while_an_admin_reads_is_not_answered_unread(network: Console, amina: Phone, press: str) -> None:
    joins(amina)
    for place in ("Molo", "Ahero"):
        amina.dials(None, "5", "2")
        amina.picks("Start a group")
        amina.types(place, f"A room in {place}", "1")
        if place == "Molo":
            network.opens("/console/starting")
    network.sends(press, words="Come to us in Molo", status=422)
    network.sees("A room in Ahero", "Someone else changed this in the meantime")
    assert "answered" not in network.last.text
    assert amina.reads() == []
    network.sends(press, words="Come to us in Ahero")
    network.sees("Your answer is being sent." if press == "Send" else "No requests now.")


@pytest.mark.every_example
@pytest.mark.parametrize(("form", "field"), [(0, "name"), (1, "words_en")])
def test_a_short_form_that_is_refused_says_why(network: Console, form: int, field: str) -> None:
    for words, said in (
        ("Karibu 🎉", "Karibu 🎉: Many phones can't show 🎉"),
        ("x" * 30, "xxx: At most 2"),
        ("", "Enter "),
    ):
        network.opens("/console/directory")
        network.sends("Add", 200, form, **{field: words})
        network.sees(said)


def test_a_notice_goes_to_all_leaders_after_a_preview(
    network: Console, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    becomes(amina, service, group)
    joins(juma, "Juma")
    network.opens("/console/leaders")
    network.sends("Preview", words="Training on Friday at 10")
    network.sees("To 1 leader.")
    assert not [text for text in amina.reads() if "Training" in text]
    network.sends("Send to all leaders")
    network.sees("Sending to 1 leader.", "Training on Friday at 10")
    amina.hears("To all leaders: Training on Friday at 10")
    assert not [text for text in juma.reads() if "Training" in text]


def test_only_the_network_sees_these_pages(app: Flask, service: Service, group: Group, amina: Phone) -> None:
    leads(service, amina, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(amina)
    for path in ("directory", "starting", "leaders"):
        assert console.client.get(f"/console/{path}").status_code in (403, 404)
