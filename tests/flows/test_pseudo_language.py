"""All phone texts in a pseudo-language, accented and a third longer: text that stays plain can't be translated."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from smsgate.core import i18n
from smsgate.core.gsm7 import transliterate
from smsgate.flows.actions import LONGEST_GROUP, LONGEST_PLACE
from smsgate.flows.checks import walker
from smsgate.flows.checks.callers import CALLERS
from smsgate.flows.checks.sms_inventory import SMS_INVENTORY, WHO
from smsgate.flows.menu import menu
from smsgate.flows.steps import Caller, Flow, Tell
from tests.support.pseudo_language import PLAIN, Pseudo

# The same in every language: the languages' own names, days, and the longest names of people and places.
ALIKE = (
    "Welcome / Karibu / Bienvenue English Kiswahili Francais mer. sept. nov. Port-au-Prince "
    f"{WHO} {LONGEST_GROUP} {LONGEST_PLACE}"
)
BY_DAY = ("stranger", "stranger, on a hard day", "stopped", "responder")


@pytest.fixture(autouse=True)
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the pseudo-language for words, with French days and numbers."""
    monkeypatch.setattr(i18n, "translations", lambda language, domain=i18n.PHONES: Pseudo())


def plain_words(text: str, values: object = "") -> list[str]:
    """Return the words of a text that come neither from a catalogue nor from a placeholder."""
    filled = transliterate(f"{ALIKE} {json.dumps(values, ensure_ascii=False)}")
    return [word for word in PLAIN.findall(text) if word not in filled]


def untranslated(flow: Callable[[Caller], Flow], caller: Caller) -> dict[str, str]:
    """Return each plain word of a flow with a screen that has it; fail if the longer words do not fit."""
    found: dict[str, str] = {}
    for seen in walker.walk(flow, caller, "fr", 160):
        assert walker.faults_in(seen, 160) == []
        shown = "\n".join(page.text for page in seen.pages)
        for word in plain_words(shown, [answer.value for answer in seen.stop.answers]):
            found.setdefault(word, shown)
    return found


@pytest.mark.parametrize("who", BY_DAY)
def test_every_word_on_a_screen_can_be_translated(who: str) -> None:
    assert untranslated(menu, CALLERS[who]) == {}


@pytest.mark.by_night
@pytest.mark.parametrize("who", sorted(set(CALLERS) - set(BY_DAY)))
def test_every_word_of_every_caller_can_be_translated(who: str) -> None:
    assert untranslated(menu, CALLERS[who]) == {}


@pytest.mark.parametrize("name", SMS_INVENTORY)
def test_every_word_of_an_sms_can_be_translated(name: str) -> None:
    with i18n.speaking("fr"):
        assert plain_words(transliterate(SMS_INVENTORY[name]())) == []


def test_a_text_that_nobody_can_translate_is_found() -> None:
    def hard_coded(caller: Caller) -> Flow:
        yield Tell(i18n._("Thank you."))
        yield Tell("Thanks for coming")

    assert set(untranslated(hard_coded, CALLERS["stranger"])) == {"Thanks", "for", "coming"}
