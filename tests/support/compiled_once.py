"""What is made once a run and not once a test: statements, routes, templates, checks; and the console, if asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from jinja2 import Environment
from sqlalchemy import Engine, event
from werkzeug.local import LocalProxy
from werkzeug.routing import Rule

from smsgate.cli import operations
from smsgate.core import database
from smsgate.core.encryption import Keyring
from smsgate.flows.checks import catalogues
from smsgate.web import console

Alike = tuple[str, tuple[bytes, ...]]  # the driver, and what the keys make of nothing


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """An engine keeps its statements, for its dialect; engines of one dialect and the same keys share them.

    With the dialect they share the keyring, which asks its own database for the secret of tags: that of the newest
    engine that is not disposed of, since another one may be gone with its server.
    """
    connect, kept = database.connect, dict[tuple[str, tuple[bytes, ...]], Engine]()
    open_ones: dict[tuple[str, tuple[bytes, ...]], list[tuple[Callable[[], Engine | None], Keyring]]] = defaultdict(
        list
    )

    def remembering(url: str, keyring: Keyring) -> Engine:
        engine = connect(url, keyring)
        key = engine.dialect.driver, tuple(keyring.forms("", ""))
        first = kept.get(key)
        if first is None or first.dialect.server_version_info is None:  # it never connected
            kept[key] = engine
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        open_ones[key].append((ref(engine), keyring))
        engine.dialect.smsgate_keys = keyring  # type: ignore[attr-defined]
        event.listen(engine, "engine_disposed", lambda gone: left(key, gone))
        return engine

    def left(key: Alike, gone: Engine) -> None:
        open_ones[key] = [one for one in open_ones[key] if one[0]() not in (None, gone)]
        for _engine, keyring in open_ones[key][-1:]:
            gone.dialect.smsgate_keys = keyring  # type: ignore[attr-defined]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "connect", remembering)
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Werkzeug writes and compiles two functions for each route, which take the rule itself as their first argument.

    Of the hundred routes of an application that is 20 of the 25 milliseconds that it takes to make one.
    """
    compiles, kept = Rule._compile_builder, dict[tuple[Any, ...], Callable[..., tuple[str, str]]]()

    def remembering(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown
        if key not in kept:
            kept[key] = compiles(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembering)
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Every application has an environment of Jinja's, alike in all of them, which compiles each template it shows.

    That is most of what a page costs in a test.
    """
    compiles, kept = Environment.compile, dict[tuple[Any, ...], Any]()

    def remembering(environment: Environment, source: Any, *about: Any, **more: Any) -> Any:
        key = source, about, tuple(more.items())
        if not isinstance(source, str):
            return compiles(environment, source, *about, **more)
        if key not in kept:
            kept[key] = compiles(environment, source, *about, **more)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", remembering)
        yield


@pytest.fixture(scope="session", autouse=True)
def consoles_made_when_asked_for() -> Iterator[None]:
    """Most tests dial and text, and never open a page: it is two fifths of what an application costs to make."""
    build = console.build
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "build", lambda *given: LocalProxy(cache(lambda: build(*given))))
        yield


@pytest.fixture(scope="session", autouse=True)
def catalogues_checked_once() -> Iterator[None]:
    """`smsgate check` looks through the catalogues, which stay as they are, for a second."""
    found = cache(catalogues.faults)
    once = SimpleNamespace(faults=lambda: [*found()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "catalogues", once)
        yield
