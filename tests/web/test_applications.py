"""Two applications behind one server: a USSD callback runs none of the console's code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.web import Application
from smsgate.web.server import Server
from tests.support.people import TOKEN
from tests.support.waiting import wire_patiently


def test_a_callback_pays_for_nothing_of_the_consoles(app: Application) -> None:
    assert app.extensions == {}  # sign-in, CSRF and rate limits would register here
    assert app.secret_key is None  # no session is read or written
    for hooked in (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs):
        assert not hooked.keys() & {None, "hooks"}
    assert {"csrf", "limiter"} <= app.console.extensions.keys()


def test_a_callback_sets_no_cookie_and_the_console_does(client: FlaskClient) -> None:
    form = {"sessionId": "ATUid_1", "phoneNumber": "+254711000001", "serviceCode": "*384*77#", "text": ""}
    assert "Set-Cookie" not in client.post(f"/hooks/{TOKEN}/africastalking/ussd", data=form).headers
    assert "Set-Cookie" in client.get("/console/sign-in").headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console", 308),
        ("/console/", 303),
        ("/console/nothing", 404),
        ("/consoles", 404),
        ("/", 200),
        ("/health", 200),
    ],
)
def test_each_path_is_answered_by_the_application_that_knows_it(path: str, status: int, client: FlaskClient) -> None:
    reply = client.get(path)
    assert reply.status_code == status
    assert reply.request.path == path


def test_every_page_says_what_a_browser_may_do(client: FlaskClient) -> None:
    for path in ("/console/sign-in", "/console/static/console.css", "/phone", "/calendar/nobody.ics"):
        with client.get(path) as reply:
            headers = reply.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Robots-Tag"] == "noindex", path


def test_the_console_believes_as_many_proxies_as_there_are(settings: Settings) -> None:
    service = wire_patiently(replace(settings, proxies=1))
    reply = create_app(service).test_client().get("/console/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" in reply.headers
    service.close()


def test_gunicorn_serves_the_application_that_it_is_given(app: Application, settings: Settings) -> None:
    service = wire_patiently(settings)
    assert Server(app, service).load() is app
    service.close()
