"""The examples in `docs/build/` run exactly as printed: a flow, a gateway, a console page, a flow file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from smsgate import create_app
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.checks import walker
from smsgate.flows.steps import Caller
from smsgate.gateways import SendError, Verdict
from smsgate.models import Group
from smsgate.service import Service
from smsgate.web import console
from tests.support.command_line import Typed
from tests.support.console import Console, leads
from tests.support.people import Phone
from tests.support.stories import joins

BUILD = Path(__file__).resolve().parents[2] / "docs" / "build"


def example(page: str, kind: str) -> str:
    """Return the first example of a kind on a page."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", (BUILD / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found, page
    return found[1]


def loaded(page: str) -> SimpleNamespace:
    """Run a page's Python example as a module and return its names."""
    module = ModuleType(page.removesuffix(".md").replace("-", "_"))
    exec(compile(example(page, "python"), page, "exec"), module.__dict__)
    return SimpleNamespace(**module.__dict__)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_flow_can_be_walked(language: str) -> None:
    seen = list(walker.walk(loaded("flow.md").lift, Caller(language=language), language, 160))
    assert len(seen) >= 3
    assert [fault for visit in seen for fault in walker.faults_in(visit, 160)] == []


def test_the_gateway_carries_texts(service: Service, group: Group) -> None:
    board: list[str] = []
    changed = replace(service, gateway=loaded("gateway.md").NoticeBoard(board))
    somebody = Phone(create_app(changed).test_client(), changed, "+254711000001")
    joins(somebody)
    somebody.texts("NEXT")
    assert "planned" in board[-1]


def test_the_gateway_that_is_closed_says_so() -> None:
    with pytest.raises(SendError) as refusal:
        loaded("gateway.md").NoticeBoard([], open_today=False).send("Hello", ["+254711000001"])
    assert refusal.value.verdict is Verdict.RETRY


@pytest.fixture
def with_the_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Return a browser at a console with the example's page added."""
    monkeypatch.setattr(console, "PAGES", (*console.PAGES, loaded("console-page.md")))
    app: Any = create_app(service)
    template = DictLoader({"console/hello.html": example("console-page.md", "html")})
    app.console.jinja_loader = ChoiceLoader([app.console.jinja_loader, template])
    return Console(app, service)


def test_the_console_page_is_there_for_leaders_alone(
    with_the_page: Console, service: Service, group: Group, phone: Callable[[str], Phone]
) -> None:
    leader, somebody = phone("+254711000001"), phone("+254711000002")
    joins(leader)
    leads(service, leader, group)
    with_the_page.opens("/console/groups/4521/hello")
    with_the_page.sees_not("Hello, Tumaini")
    with_the_page.signs_in(leader)
    with_the_page.opens("/console/groups/4521/hello")
    with_the_page.sees("Hello, Tumaini")
    joins(somebody)
    with_the_page.opens("/console/groups/9999/hello", status=404)


def test_the_file_of_a_flow_may_be_published(types: Typed, group: Group, tmp_path: Path) -> None:
    (tmp_path / "ride.yaml").write_text(example("flow-files.md", "yaml"), encoding="utf-8")
    types("flow", "check", str(tmp_path / "ride.yaml"))
    types("flow", "publish", "4521", str(tmp_path / "ride.yaml"), "--menu", "--word", "ride", "--dial", "712")
    assert "712" in types("flow", "list", "4521")
