"""A group's calendar: the feed for phones with data, the page for a notice board, and what neither gives away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from playwright.sync_api import BrowserContext, expect

from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import Group, Meeting
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock
from tests.support.phone_network import listening
from tests.support.series import FRIDAYS, begins, by_hand, changes, rows

TOPIC = "A guest; rights, and é\\ü"


def addresses(types: Typed, *words: str) -> tuple[str, str]:
    """Return the two paths that the command prints."""
    said = types("group", "calendar", "4521", *words)
    found = re.findall(r"http://127\.0\.0\.1:8000(/calendar/\S+)", said)
    assert len(found) == 2, said
    return found[0], found[1]


def events(client: FlaskClient, path: str) -> list[Any]:
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.content_type == "text/calendar; charset=utf-8"
    body = reply.get_data()
    assert b"\r\n" in body
    assert max(map(len, body.split(b"\r\n"))) <= 75
    return list(Calendar.from_ical(body).walk("VEVENT"))


def test_a_calendar_says_when_and_keeps_the_rest_to_itself(
    types: Typed, client: FlaskClient, group: Group, service: Service
) -> None:
    begins(service, group, replace(FRIDAYS, topic=TOPIC))
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = False
    path, page = addresses(types)
    first = events(client, path)[0]
    assert first["DTSTART"].dt == datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(minutes=90)
    assert (first["SUMMARY"], first["STATUS"]) == ("Meeting", "CONFIRMED")
    for where in (path, page):
        told = client.get(where).get_data(as_text=True)
        for secret in ("Tumaini", "Hall", "guest"):
            assert secret not in told, where
    assert client.get(f"{path}?lang=sw").get_data(as_text=True).count("SUMMARY:Mkutano") >= 3
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = True
    assert addresses(types, "--named") == (path, page)
    first = events(client, path)[0]
    assert (first["SUMMARY"], first["LOCATION"]) == (f"Tumaini: {TOPIC}", "Hall")
    assert "Hall" in client.get(page).get_data(as_text=True)


def test_a_change_keeps_the_identity_and_counts_on(
    types: Typed, client: FlaskClient, group: Group, service: Service, clock: Clock
) -> None:
    one = begins(service, group)
    path, page = addresses(types)
    before = events(client, path)
    clock.time += timedelta(hours=1)
    changes(service, one, at=datetime(2026, 1, 1, 16).time())
    by_hand(service, rows(service, one)[date(2026, 12, 4)], None)
    after = events(client, path)
    assert [one["UID"] for one in after] == [one["UID"] for one in before]
    assert len({one["UID"] for one in after}) == len(after)
    assert [(one["SEQUENCE"], one["STATUS"]) for one in after[:2]] == [(1, "CONFIRMED"), (2, "CANCELLED")]
    assert after[0]["DTSTART"].dt - before[0]["DTSTART"].dt == timedelta(hours=1)
    changes(service, one, rule="FREQ=WEEKLY;BYDAY=TH")
    told = client.get(page.replace("2026-11", "2026-12")).get_data(as_text=True)
    assert "Thursday 3 December" in told
    assert "Friday 18 December" not in told
    assert after[0]["LAST-MODIFIED"].dt > before[0]["LAST-MODIFIED"].dt


def test_what_did_not_change_is_not_sent_again(
    types: Typed, client: FlaskClient, group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    path, _page = addresses(types)
    first = client.get(path)
    tag = first.headers["ETag"]
    clock.time += timedelta(hours=5)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    by_hand(service, meeting, datetime(2026, 11, 25, 15, 0))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def stops_telling_places(group: Group) -> None:
    group.tells_place = False


def is_renamed(group: Group) -> None:
    group.name = "Pamoja"


def hides_its_name(group: Group) -> None:
    group.calendar_named = False


@pytest.mark.parametrize("change", [stops_telling_places, is_renamed, hides_its_name])
def test_whatever_the_group_changes_reaches_who_kept_the_calendar(
    types: Typed, client: FlaskClient, group: Group, meeting: Meeting, service: Service, change: Callable[[Group], None]
) -> None:
    path, _page = addresses(types, "--named")
    with service.database.transaction() as session:
        session.get_one(Group, group.id).tells_place = True
    first = client.get(path)
    assert "Last-Modified" not in first.headers, "a date could not tell"
    assert b"Tumaini" in first.data
    assert b"LOCATION" in first.data
    with service.database.transaction() as session:
        change(session.get_one(Group, group.id))
    for kept in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": format_datetime(service.now())}):
        again = client.get(path, headers=kept)
        assert again.status_code == 200
        assert again.data != first.data


def test_an_address_is_no_ones_guess_and_can_be_changed(types: Typed, client: FlaskClient, group: Group) -> None:
    path, page = addresses(types)
    assert len(path.split("/")[2]) >= 32
    assert addresses(types) == (path, page)
    for header in ("X-Robots-Tag", "Referrer-Policy", "Content-Security-Policy"):
        assert header in client.get(page).headers
    new, _page = addresses(types, "--reset")
    assert client.get(new).status_code == 200
    for gone in (path, page, "/calendar/4521.ics", "/calendar/.ics", "/calendar/None.ics", "/calendar/x/2026-12"):
        assert client.get(gone).status_code == 404, gone
    token = new.removesuffix(".ics")
    for month in ("2026-13", "2026-00", "1999-12", "2026-1", "٢٠٢٦-12", "2026-12-01", "x", ""):
        assert client.get(f"{token}/{month}").status_code == 404, month
    assert "No meeting is planned in this month." in client.get(f"{token}/2026-12").get_data(as_text=True)
    assert "Later dates are not fixed yet." in client.get(f"{token}/2030-12").get_data(as_text=True)


def test_what_a_group_wrote_is_shown_as_it_is(types: Typed, client: FlaskClient, service: Service) -> None:
    with service.database.transaction() as session:
        made = groups.create(session, "<b>&,;", "Africa/Nairobi", service.now(), code="4521", tells_place=True)
        meetings.plan(session, made, datetime(2026, 11, 25, 14, 0), "<script>x</script>", service.now())
    path, page = addresses(types, "--named")
    (one,) = events(client, path)
    assert (one["SUMMARY"], one["LOCATION"]) == ("<b>&,;", "<script>x</script>")
    assert "<script>" not in client.get(page).get_data(as_text=True)


@pytest.mark.by_day(1)
@pytest.mark.xdist_group("phones in a browser")
@pytest.mark.parametrize("lang", ["en", "sw", "fr"])
def test_a_month_fits_on_a_sheet_in_black_and_white(
    lang: str, types: Typed, app: Flask, group: Group, service: Service, context: BrowserContext
) -> None:
    one = begins(service, group, replace(FRIDAYS, topic="A guest speaks of rights", place="Community hall, room 4"))
    by_hand(service, rows(service, one)[date(2026, 12, 11)], None)
    page_path = addresses(types, "--named")[1].replace("2026-11", "2026-12")
    with listening(app) as address:
        page = context.new_page()
        page.goto(f"{address}{page_path}?lang={lang}")
        expect(page.get_by_role("heading", name="Tumaini")).to_be_visible()
        expect(page.get_by_role("listitem")).to_have_count(4)
        expect(page.get_by_text("*384*77*4521#", exact=True)).to_be_visible()
        expect(page.get_by_text("JOIN 4521")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        colours = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap((one) => [getComputedStyle(one).color, "
            "getComputedStyle(one).backgroundColor])"
        )
        assert set(colours) <= {"rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
        sheets = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.close()
