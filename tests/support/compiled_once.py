"""Caches what is otherwise made for each test: statements, routes, templates, checks; makes the console on demand."""

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

Alike = tuple[str, tuple[bytes, ...]]  # the driver, and the empty text encrypted under each key


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Share compiled statements, which belong to a dialect, between engines with the same driver and keys.

    Such engines share the dialect, and with it the keyring, which reads the secret for tags from its own database. Use
    the keyring of the newest engine that is not disposed of: another one's server may be gone.
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
    """Share the two functions that Werkzeug generates for each route; they take the rule as their first argument.

    For the hundred routes of an application, generating them takes 20 of the 25 ms that it takes to create it.
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
    """Share compiled templates: each application has a Jinja environment of its own, though all are alike.

    Compiling is most of what a page costs in a test.
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
    """Create the console on first use: most tests never open a page, and it is two fifths of an application's cost."""
    build = console.build
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "build", lambda *given: LocalProxy(cache(lambda: build(*given))))
        yield


@pytest.fixture(scope="session", autouse=True)
def catalogues_checked_once() -> Iterator[None]:
    """Check the catalogues once: `smsgate check` needs a second for them, and they never change."""
    found = cache(catalogues.faults)
    once = SimpleNamespace(faults=lambda: [*found()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "catalogues", once)
        yield
