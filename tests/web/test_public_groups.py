"""The public page of groups: off by default, light, without scripts, and showing only what groups allow."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from smsgate.directory import public_page
from smsgate.models import Area, Group, Listing, NetworkEntry
from smsgate.service import Service
from smsgate.web.public_groups import MOST_A_MINUTE
from tests.support import directory, many_groups
from tests.support.people import Clock

LIGHT = 30 * 1024  # bytes
PAGES = ("/groups", "/groups.json")


def turned(service: Service, on: bool) -> None:
    with service.database.transaction() as session:
        public_page.show(session, on, service.now(), by=None)


@pytest.fixture
def listed(service: Service) -> Group:
    """Create a listed group that isn't on the web, and return one that is."""
    with service.database.transaction() as session:
        directory.lists(session, "Upendo", service.now(), area=("Nakuru", "Nakuru"), days=2)
        return directory.lists(
            session, "Sauti Zetu", service.now(), area=("Kisumu", "Ahero"), speaks=("Dholuo",), open_to=("Women",),
            days=3, meets={"en": "Every Saturday", "sw": "Kila Jumamosi"}, on_web=True,
        )  # fmt: skip


def test_the_first_address_leads_to_it_while_it_is_on(client: FlaskClient, service: Service) -> None:
    assert 'href="/groups"' not in client.get("/").text
    turned(service, True)
    assert 'href="/groups"' in client.get("/").text


def test_nothing_is_there_until_the_network_turns_it_on_and_after_it_is_off_again(
    client: FlaskClient, service: Service, listed: Group
) -> None:
    paths = (*PAGES, f"/groups/{listed.code}/card")
    assert {client.get(path).status_code for path in paths} == {404}
    turned(service, True)
    assert {client.get(path).status_code for path in paths} == {200}
    turned(service, False)
    assert {client.get(path).status_code for path in paths} == {404}
    with service.database.reading() as session:
        assert [entry.what for entry in session.scalars(select(NetworkEntry).order_by(NetworkEntry.id))] == [
            "directory_shown", "directory_hidden",
        ]  # fmt: skip


def test_only_groups_that_wish_so_are_on_it_with_what_they_say(
    client: FlaskClient, service: Service, listed: Group
) -> None:
    turned(service, True)
    page = client.get("/groups?lang=sw").text
    assert "Sauti Zetu" in page
    assert "Kila Jumamosi" in page
    assert "Wanawake" in page
    assert f"*384*77*{listed.code}#" in page
    assert "Upendo" not in page
    assert "Nakuru" not in page
    (one,) = client.get("/groups.json").json["groups"]  # type: ignore[index]
    assert (one["area"], one["languages"], one["place"]) == ("Ahero, Kisumu", ["Dholuo"], "")
    with service.database.transaction() as session:
        session.execute(update(Group).where(Group.code == listed.code).values(listed=False))
    assert "Sauti Zetu" not in client.get("/groups").text
    assert client.get(f"/groups/{listed.code}/card").status_code == 404


def test_by_area_and_language(client: FlaskClient, service: Service, listed: Group) -> None:
    turned(service, True)
    ids = client.get("/groups.json").json
    assert ids is not None
    areas, languages = ids["areas"], ids["languages"]
    assert sorted(areas.values()) == ["Ahero, Kisumu", "Kisumu"]
    for area in areas:
        assert "Sauti Zetu" in client.get(f"/groups?area={area}").text
    (spoken,) = languages
    assert "Sauti Zetu" in client.get(f"/groups?language={spoken}&area=").text
    assert "Sauti Zetu" not in client.get("/groups?area=999").text
    assert "Sauti Zetu" in client.get("/groups?area=x&page=-3").text, "what is no number asks for nothing"


def test_with_500_groups_each_page_is_light_and_has_no_script(client: FlaskClient, service: Service) -> None:
    with service.database.transaction() as session:
        many_groups.build(session, service.now())
        session.execute(update(Listing).values(on_web=True))
    turned(service, True)
    path, seen, pages = "/groups?lang=fr", set[str](), 0
    while path:
        answer = client.get(path)
        assert len(answer.data) < LIGHT, len(answer.data)
        assert "<script" not in answer.text
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        seen |= set(re.findall(r"JOIN (\d+)", answer.text))
        pages += 1
        after = re.search(rf'href="(\?[^"]*page={pages + 1})"', answer.text)
        path = f"/groups{after[1].replace('&amp;', '&')}" if after else ""
    assert len(seen) == 500
    assert pages == 20
    with service.database.reading() as session:
        nairobi = session.scalars(select(Area.id).where(Area.name == "Nairobi")).first()
    assert len(client.get(f"/groups.json?area={nairobi}").json["groups"]) == public_page.PAGE_SIZE  # type: ignore[index]
    assert len(client.get(f"/groups/{min(seen)}/card").data) < LIGHT


def test_an_address_that_asks_without_end_waits_a_minute(
    client: FlaskClient, service: Service, listed: Group, clock: Clock
) -> None:
    turned(service, True)
    answers = [client.get("/groups").status_code for _ in range(MOST_A_MINUTE + 1)]
    assert answers == [200] * MOST_A_MINUTE + [429]
    assert client.get("/groups", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    clock.time = clock.time.replace(minute=clock.time.minute + 2)
    assert client.get("/groups").status_code == 200
