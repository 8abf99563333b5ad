"""Hostile text in every field of every console form and in inbound texts stays plain text, or is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from smsgate.models import Group, Meeting, Role
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from tests.support.console import Console, FoundForm, leads, looks_after_the_network
from tests.support.people import Phone
from tests.support.stories import joins

HOSTILE = {
    "markup": "<script>alert(1)</script>\"'{{111*111}}%s%(x)s{0.__class__}",
    "nothing at all": "\x00",
    "a nul inside": "tea\x00party",
    "half a sign": "\ud83d tea",
    "other digits": "٣٤",
    "a long number": "9" * 400,
    "below nothing": "-1",
    "another direction": "\u202e\u200f" + "tea " * 900,
    "a query": "'; DROP TABLE groups; --",
    "a formula": '=cmd|"/c calc"!A1',
    "lines": "tea\r\nBcc: all\r\n\r\n<b>",
}
STORED = ("a nul inside", "half a sign", "a long number")  # what the stricter database may refuse
KEPT = {"csrf_token", "once", "seen"}  # fields that keep the service's own value
ENDS = re.compile(r"/(?:sign-out|close|language/\w+)$|/me\b")  # these would end the walk; each has its own tests
HREF = re.compile(r'href="(/console[^"#]*)')


@pytest.fixture
def console(app: Flask, service: Service, group: Group, meeting: Meeting, amina: Phone, juma: Phone) -> Console:
    joins(amina)
    joins(juma)
    leads(service, amina, group, Role.ADMIN)
    looks_after_the_network(service, amina)
    with service.database.transaction() as session:
        here = session.get_one(Group, group.id)
        one = surveys.create(
            session, here, parse_definition(yaml_files.load(yaml_files.library()["topics"])), service.now()
        )
        surveys.publish(session, one, None, service.now())
    console = Console(app, service)
    console.signs_in(amina)
    return console


def pages(console: Console) -> Iterator[str]:
    """Open every page that links lead to, one of each kind, and yield its path."""
    found, kinds = ["/console/", "/console/groups/4521/notices/new", "/console/groups/4521/meetings/new"], set[str]()
    for path in found:
        kind = re.sub(r"[0-9a-f]{12}|\d+|\?.*", "N", path)
        if kind in kinds or ENDS.search(path) or "/static/" in path:
            continue
        kinds.add(kind)
        console.last = console.client.get(path, follow_redirects=True)
        console.at = path
        yield path
        found += [one.replace("&amp;", "&") for one in HREF.findall(console.last.text)]


def sends(console: Console, form: FoundForm, page: str, words: str) -> int:
    """Send a form with all fields filled with these words, and return the status."""
    names = {name for name, _value in form.values} | set(form.choices)
    given = dict(form.values)
    data: dict[str, Any] = {name: given[name] if name in KEPT else words for name in names if name in given or words}
    action = form.action or page.partition("?")[0]
    if form.method == "get":
        console.last = console.client.get(action, query_string=data, follow_redirects=True)
    else:
        console.last = console.client.post(action, data=data, follow_redirects=True)
    return console.last.status_code


@pytest.mark.by_night  # by day, on one database: every field of every form
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", STORED)
def test_in_every_field_on_every_store(console: Console, what: str) -> None:
    fills_every_form(console, what)


@pytest.mark.by_day(1)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", sorted(HOSTILE.keys() - set(STORED)))
def test_in_every_field_of_every_form(console: Console, what: str) -> None:
    fills_every_form(console, what)


def fills_every_form(console: Console, what: str) -> None:
    words = HOSTILE[what].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    tried = 0
    for page in pages(console):
        for form in console.page.forms:
            if not ENDS.search(form.action):
                status = sends(console, form, page, words)
                assert status < 500, (form.action or page, console.words)
                assert "<script>alert" not in console.last.text, form.action or page
                assert "12321" not in console.last.text, form.action or page
                tried += 1
        console.last = console.client.get(page, follow_redirects=True)
        assert console.last.status_code < 500, page
        assert "<script>alert" not in console.last.text, page
    assert tried > 30


@pytest.mark.parametrize("what", HOSTILE)
def test_in_a_text_that_comes_in(amina: Phone, group: Group, what: str) -> None:
    joins(amina)
    words = HOSTILE[what].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for text in (words, f"NOTICE {words}", f"STOP {words}", f"TEXT {words}", f"JOIN {words}"):
        amina.writes(text)
        assert not any("12321" in one or "<class" in one for one in amina.reads())
    amina.writes("START")
    amina.dials()
    amina.sees("1 Send my help text")
