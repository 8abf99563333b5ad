"""The architecture beyond the layers: folders, no import cycles, guarded routes, a worker for every lane."""

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
from tests.support.console import WAY_IN
from tests.support.stores import KEY

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "smsgate"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in HOUSE.rglob("*.py")
}
AT_THE_TOP = {"__init__", "__main__", "service"}  # and py.typed; everything else lives in the folder of its layer
FILES_IN_A_FOLDER = 18
# Public: they tell whether the service is healthy, and nothing about people.
PUBLIC = {"/", "/health", "/ready", "/groups", "/groups.json", "/groups/<code>/card"}  # the last three: off by default
# Guarded by the group's token, which the group can replace; they show what the group allows.
CALENDARS = {"/calendar/<token>.ics", "/calendar/<token>/<month>"}
# Served only with the simulator, when no text reaches a real phone.
REHEARSAL = {"/phone", "/phone/air", "/phone/static/<path:filename>"}
TOKEN, METRICS = "right-token-0123456789", "metrics-token-012345"


def imports(name: str) -> Iterator[str]:
    """Yield our own modules that a module imports, anywhere in its code."""
    for node in _run_nodes(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            source = node.module or ""
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                if whole in MODULES or source in MODULES:
                    yield whole if whole in MODULES else source


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that are executed, so not those under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield node
            yield from _run_nodes(node)


GRAPH = {name: set(imports(name)) for name in MODULES}


def test_a_folder_says_what_it_holds() -> None:
    """The layers themselves are import-linter contracts in pyproject.toml, which `make check` enforces."""
    assert {path.stem for path in HOUSE.glob("*.py")} == AT_THE_TOP
    crowded = {folder.name: len(files) for folder, files in _folders() if len(files) > FILES_IN_A_FOLDER}
    assert not crowded
    for folder, _files in _folders():
        promise = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
        assert promise, f"{folder} does not say what it promises"


def _folders() -> Iterator[tuple[Path, list[Path]]]:
    for folder in {path.parent for path in HOUSE.rglob("*.py")}:
        yield folder, list(folder.glob("*.py"))


def test_the_rehearsal_knows_only_what_a_provider_knows() -> None:
    known = {"smsgate.gateways.handset", "smsgate.core.gsm7"}
    for name in MODULES:
        if name.startswith("smsgate.gateways.rehearsal"):
            assert {other for other in GRAPH[name] if not other.startswith("smsgate.gateways.rehearsal")} <= known, name


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


def application(gateway: str) -> Application:
    """Return the application; nothing in these tests gets as far as its stores."""
    return create_app(
        Settings("sqlite:////nowhere/x.sqlite", "redis://127.0.0.1:1", (TOKEN,), (KEY,), gateway, metrics_token=METRICS,
                 africastalking_username="x", africastalking_api_key="x")
    )  # fmt: skip


def paths(app: Application) -> set[str]:
    """Return the addresses of both applications."""
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
    assert lines["scheduler"] == "smsgate scheduler"
    assert lines["release"] == "smsgate migrate"
