"""Everything that the documents refer to exists: every path in backticks, every relative link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("docs/**/*.md")),
)
BESIDE = (ROOT, ROOT / "smsgate")  # paths are relative to the repository or to smsgate/
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"\w[\w.-]*(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".md", ".toml", ".json", ".yaml", ".html", ".po", ".txt", ".lock")
OWN = ("smsgate", "tests", "docs", "bench", "chaos", "migrations", "bin")  # folders that appear in commands
MADE = ("var/", "build/")  # created by running the service, and by building


def missing(document: str, text: str) -> list[str]:
    """Return what a document refers to that doesn't exist."""
    paths = [path for path in _paths(text) if not path.startswith(MADE) and not _exists(path)]
    return paths + [link for link in _links(text) if not _leads_somewhere(document, link)]


def _paths(text: str) -> Iterator[str]:
    """Yield the paths in backticks and, in commands, those that begin with one of our folders."""
    for span in SPAN.findall(FENCE.sub("", text)):
        if PATH.fullmatch(span) and ("/" in span or span.endswith(ENDINGS)):
            yield span
    for span in [*SPAN.findall(FENCE.sub("", text)), *FENCE.findall(text)]:
        for word in span.split() if " " in span else ():
            if PATH.fullmatch(word) and word.partition("/")[0] in OWN and "/" in word:
                yield word


def _exists(path: str) -> bool:
    """Return whether a path is a file or folder, a module without its ending, or the bare name of any file."""
    if "/" not in path:
        return path in _names()
    return any((folder / path).exists() or (folder / f"{path}.py").exists() for folder in BESIDE)


@cache
def _names() -> set[str]:
    files = [path for folder in OWN for path in (ROOT / folder).rglob("*")]
    return {path.name for path in (*files, *ROOT.iterdir())}


def _links(text: str) -> Iterator[str]:
    yield from (link for link in LINK.findall(FENCE.sub("", text)) if "://" not in link)


def _leads_somewhere(document: str, link: str) -> bool:
    path, _hash, section = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document
    return target.exists() and (not section or section in _sections(target.read_text("utf-8")))


def _sections(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub generates them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_points_at_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert missing(document, text) == []


def test_documents_point_at_much() -> None:
    texts = [(ROOT / document).read_text("utf-8") for document in DOCUMENTS]
    assert sum(len([*_paths(text), *_links(text)]) for text in texts) > 200


@pytest.mark.parametrize(
    "text",
    ["`outbox/sealed_letters`", "`smsgate/desk.py`", "`desk.py`", "`pytest -q tests/nowhere/test_x.py`",
     "[here](docs/nowhere.md)", "[here](#nowhere)", "```\nmake x\npytest tests/nowhere.py  # soon\n```\n"],
)  # fmt: skip
def test_what_is_not_there_is_found(text: str) -> None:
    assert len(missing("README.md", text)) == 1


@pytest.mark.parametrize(
    "text", ["`KE,UG`", "`/metrics`", "`https://your.host/x.py`", "`outbox/claims`", "`router.py`"]
)
def test_what_is_there_or_is_no_path_is_left_alone(text: str) -> None:
    assert missing("README.md", text) == []
