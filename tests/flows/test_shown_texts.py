"""New words are tried only where they are shown, and what a walk of every stop finds too long is found there too."""

from __future__ import annotations

import pytest

from smsgate.core.i18n import LANGUAGES, speaking
from smsgate.flows.checks import callers, walker
from smsgate.flows.checks.shown_texts import SMALLEST, stops_showing
from smsgate.flows.menu import menu

LONG = "x" * 150


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("who", "text"),
    [
        ("at about", "Back"), ("at settings", "Language"), ("at people", "Never tell"), ("stranger", "English"),
        ("at lines", "Bye."), ("at settings", "Home"), ("at people", "Add a person"), ("stranger", "Continue"),
    ],
)  # fmt: skip
def test_a_text_is_found_where_a_walk_finds_it(who: str, text: str, language: str) -> None:
    """Each text where it stands and where it does not, for a few callers: a walk of all of them takes minutes."""
    with speaking(language, {(language, text): (LONG, LONG)}):
        stops = [stop for stop in stops_showing().get(text, ()) if stop.who == who]
        shown = any(LONG[:40] in "".join(page.text for page in stop.visit(language, SMALLEST).pages) for stop in stops)
        assert bool(stops) == shown
        walked = list(walker.walk(menu, callers.CALLERS[who], language, SMALLEST))
    with_it = [seen for seen in walked if LONG[:40] in "".join(page.text for page in seen.pages)]
    assert not stops or with_it
    everywhere = stops_showing().get(text, ())
    assert bool(with_it) <= bool(everywhere), "a walk shows it, and no stop is known to"


def test_no_two_stops_of_a_text_show_the_same() -> None:
    stops = stops_showing()["Keep as it is"]
    said = [tuple(page.text for page in stop.visit("en", SMALLEST).pages) for stop in stops]
    assert len(said) == len(stops) > 10
    assert all("Keep as it is" in "".join(pages) for pages in said)
