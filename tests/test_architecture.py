"""The house as DESIGN draws it: imports point one way, every door is guarded, every lane has somebody who works it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.models import Lane
from smsgate.outbox import queues
from smsgate.web import Application
from tests.support.stores import KEY

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "smsgate"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in HOUSE.rglob("*.py")
}
NOTHING_OF_OURS = ("config", "phone", "gsm", "i18n", "logs", "scripts", "sealed", "plain_words")
DOMAIN = (
    "members", "groups", "meetings", "reminders", "help", "responders", "notices", "messages", "claims", "reports",
    "inbound", "wanted", "quiet", "outlook", "texts", "retention", "rotation", "people", "credit", "switches", "roles",
    "audiences", "drafts", "moments", "notice_replies", "notice_texts", "notice_views", "prices",
    "help_texts", "pins", "hands", "help_views", "escalation", "unsent", "zones",
    "missed_calls", "rounds", "rules", "dates", "series", "changes", "calendars", "leaders", "replies", "wishes",
    "lines", "line_files", "staff", "sign_in", "authenticators", "delivery", "surveys", "survey_answers",
    "joining", "closing", "setting_up", "invited", "invitations", "people_files", "wording", "rewordings", "pushed",
)  # fmt: skip
CONVERSATION = (
    "conversations",
    "turns",
    "inbox",
    "runs",
    "performing",
    "notices_by_text",
    "meetings_by_text",
    "desk",
    "hard_days",
    "help_by_text",
    "guarding",
    "desk",
)
CARRYING = ("carriers", "circuits", "rates", "shared")
EDGES = ("web", "jobs", "leases", "cli", "workers", "local", "talk", "rehearsal")
MAY_IMPORT_EDGES = {
    "smsgate": {"web"},  # create_app
    "__main__": {"cli"},
    "cli": {"cli", "web", "workers", "local", "talk", "rehearsal"},
    "web": {"web"},
    "workers": {"jobs"},
    "jobs": {"leases"},
}
# Anybody may read these: they tell whether the service is well, and nothing about anybody.
PUBLIC = {"/health", "/ready"}
# Guarded by a token of the group, which it can change; they tell what the group lets be told.
CALENDARS = {"/calendar/<token>.ics", "/calendar/<token>/<month>"}
# Of the console: the way in, and what it is drawn with. Every other page of it wants a sign-in (test_console_doors).
WAY_IN = {
    "/console/sign-in", "/console/code", "/console/app", "/console/language/<language>",
    "/console/static/<path:filename>",
}  # fmt: skip
# Only where texts go to nobody else.
REHEARSAL = {"/phone", "/phone/air", "/phone/static/<path:filename>"}
TOKEN, METRICS = "right-token-0123456789", "metrics-token-012345"


def imports(name: str) -> Iterator[str]:
    """The modules of ours that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            source = node.module or ""
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                if whole in MODULES or source in MODULES:
                    yield whole if whole in MODULES else source


GRAPH = {name: set(imports(name)) for name in MODULES}


def room(name: str) -> str:
    """`smsgate.web.hooks` is in `web`, `smsgate.help` in `help`, and `smsgate` in `smsgate`."""
    return name.split(".")[1] if "." in name else name


def rooms_of(which: str) -> set[str]:
    """The rooms that the modules of a room import, their own left out."""
    found = {room(other) for name in MODULES if room(name) == which for other in GRAPH[name]}
    assert which in {room(name) for name in MODULES}, f"{which} is gone: say so here"
    return found - {which}


@pytest.mark.parametrize("which", NOTHING_OF_OURS)
def test_the_ground_imports_nothing_of_ours(which: str) -> None:
    assert rooms_of(which) == set()


def test_flows_see_no_database_and_no_web() -> None:
    assert rooms_of("flows") <= {"i18n", "gsm"}
    libraries = {"flask", "sqlalchemy", "redis", "rq", "os", "random", "requests"}
    for name in MODULES:
        if room(name) == "flows":
            assert not libraries & set(_outside(name)), name


def test_gateways_know_only_numbers_and_texts() -> None:
    assert rooms_of("gateways") <= {"phone", "gsm"}


@pytest.mark.parametrize("which", DOMAIN)
def test_the_domain_does_not_know_who_asks(which: str) -> None:
    assert not rooms_of(which) & {*CONVERSATION, *EDGES, "queues", "service"}
    assert not {"flask", "redis", "rq"} & set(_outside(f"smsgate.{which}"))


@pytest.mark.parametrize("which", CONVERSATION)
def test_a_conversation_does_not_know_how_it_came_in(which: str) -> None:
    assert not rooms_of(which) & {*EDGES, "gateways", "queues"}
    assert "flask" not in _outside(f"smsgate.{which}")


@pytest.mark.parametrize("which", CARRYING)
def test_who_carries_knows_nobody_who_asks(which: str) -> None:
    assert not rooms_of(which) & {*CONVERSATION, *EDGES, "flows"}


def test_nobody_imports_an_edge() -> None:
    found = {
        (name, other)
        for name, others in GRAPH.items()
        for other in others
        if room(other) in EDGES and room(other) not in {room(name), *MAY_IMPORT_EDGES.get(room(name), ())}
    }
    assert not found


def test_the_rehearsal_knows_only_what_a_provider_knows() -> None:
    assert rooms_of("rehearsal") <= {"handsets", "gsm"}


def test_every_module_has_its_place() -> None:
    """A new module is named here, so that somebody thinks about where it belongs."""
    wiring = {
        "smsgate",
        "__main__",
        "service",
        "queues",
        "database",
        "models",
        "migrations",
        "keywords",
        "despair",
        "catalogues",
        "words",
        "own_flows",
    }
    known = {*NOTHING_OF_OURS, *DOMAIN, *CONVERSATION, *CARRYING, *EDGES, *wiring, "flows", "gateways", "handsets"}
    assert {room(name) for name in MODULES} <= known


def test_imports_make_no_circle() -> None:
    order = tuple(TopologicalSorter(GRAPH).static_order())
    assert len(order) == len(MODULES)


def test_only_config_reads_the_environment() -> None:
    readers = {
        name for name, path in MODULES.items() if re.search(r"\bos\.(environ|getenv)|getenv\(", path.read_text())
    }
    assert readers == {"smsgate.core.config"}


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {name: count for name, path in MODULES.items() if (count := len(path.read_text().splitlines())) > 300}
    assert not long


def _outside(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def application(gateway: str) -> Application:
    """The application; nothing in these tests gets as far as its stores."""
    return create_app(
        Settings("sqlite:////nowhere/x.sqlite", "redis://127.0.0.1:1", (TOKEN,), (KEY,), gateway, metrics_token=METRICS,
                 africastalking_username="x", africastalking_api_key="x")
    )  # fmt: skip


def paths(app: Application) -> set[str]:
    """The addresses of both applications, as a server hands them on."""
    console = {rule.rule for rule in app.console.url_map.iter_rules()}
    assert all(path.startswith("/console/") for path in console), "nothing else is handed on to it"
    return console | {rule.rule for rule in app.url_map.iter_rules()}


@pytest.fixture
def stranger() -> FlaskClient:
    return application("africastalking").test_client()


def test_every_route_is_guarded_or_public_on_purpose() -> None:
    production, rehearsal = paths(application("africastalking")), paths(application("simulator"))
    guarded = {path for path in production if path.startswith("/hooks/<token>/")}
    console = {path for path in production if path.startswith("/console/")}
    assert console >= WAY_IN
    assert production == guarded | console | PUBLIC | CALENDARS | {"/metrics"}
    assert rehearsal == production | REHEARSAL


def test_a_wrong_token_opens_nothing(stranger: FlaskClient) -> None:
    hooks = [path for path in paths(application("africastalking")) if path.startswith("/hooks/")]
    assert len(hooks) >= 6
    for token in ("wrong-token-0123456789", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é", "%00", " "):
        for path in hooks:
            assert stranger.post(path.replace("<token>", token), data={"text": ""}).status_code == 404, (token, path)


def test_no_hook_answers_a_browser(stranger: FlaskClient) -> None:
    for path in paths(application("africastalking")):
        if path.startswith("/hooks/"):
            assert stranger.get(path.replace("<token>", TOKEN)).status_code in (404, 405)


def test_every_lane_has_a_worker_and_one_of_its_own() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    workers = [command for command in lines.values() if command.startswith("smsgate worker")]
    assert sorted(workers) == sorted(f"smsgate worker {queue}" for queue in (*Lane, queues.INBOUND))
    assert lines["web"] == "smsgate web"
    assert lines["clock"] == "smsgate clock"
    assert lines["release"] == "smsgate migrate"
