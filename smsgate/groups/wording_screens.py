"""The screens that show a text: all are found once by walking every path, later only those with the text again.

A walk takes seconds: it has tens of thousands of stops, some thousands of them distinct, and few of those show a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from string import Formatter
from threading import Lock, Thread
from typing import Any

from smsgate.core.gsm7 import segments, transliterate
from smsgate.core.i18n import SOURCE, Wording, speaking
from smsgate.flows.checks import callers, walker
from smsgate.flows.checks.sms_inventory import SMS_INVENTORY
from smsgate.flows.engine import Answer, StaleAnswers
from smsgate.flows.menu import DISTRESS_ENTRIES, menu
from smsgate.flows.screens import SMS_LIMIT
from smsgate.flows.steps import Caller

SHOWN = 3  # screens shown for a text
_prepared = Lock()  # acquired once, never released
SMALLEST = 160  # characters on the smallest screen, on which long texts take several pages


@dataclass(frozen=True)
class KnownScreen:
    """A stop of the walk that shows something new, and the texts that were looked up to reach it."""

    who: str
    answers: tuple[Answer, ...]
    texts: frozenset[str]


class _LookupRecorder(dict[tuple[str, str], tuple[str, ...]]):
    """An empty wording that records which texts are looked up."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def get(self, key: tuple[str, str], default: Any = None) -> Any:  # noqa: ANN401 - the signature of dict.get
        self.texts.add(key[1])
        return default


@cache
def known_screens() -> tuple[KnownScreen, ...]:
    """Return every distinct screen that anyone can reach; the same for all languages."""
    recorder, found = _LookupRecorder(), dict[tuple[object, ...], KnownScreen]()
    with speaking(SOURCE, recorder):
        for who, caller in callers.CALLERS.items():
            recorder.texts = set()
            for seen in walker.walk(menu, caller, SOURCE, SMALLEST):
                asked = seen.stop.asked.name if seen.stop.asked else ""
                shown = (caller.start in DISTRESS_ENTRIES, asked, *(page.text for page in seen.pages))
                if shown not in found:
                    found[shown] = KnownScreen(who, tuple(seen.stop.answers), frozenset(recorder.texts))
                recorder.texts = set()
    return tuple(found.values())


def prepare() -> None:
    """Find the screens in the background, so that someone who opens the editor need not wait when saving."""
    if not _prepared.locked() and _prepared.acquire(blocking=False):
        Thread(target=known_screens, name="screens of texts", daemon=True).start()


def screens_with(wording: Wording, text: str, language: str, words: Sequence[str], limit: int) -> list[str]:
    """Return up to SHOWN screens that show a text, with these words for it."""
    with speaking(language, {**wording, (language, text): tuple(words)}):
        visits = (_revisited(screen, language, limit) for screen in known_screens() if text in screen.texts)
        pages = (page.text for seen in visits if seen for page in seen.pages)
        parts = [part for form in words for part in literal_parts(form)[:1]]
        found = dict.fromkeys(page for page in pages if any(part in page for part in parts))
        return list(islice(found, SHOWN))


def literal_parts(words: str) -> list[str]:
    """Return the parts of a text outside placeholders, longest first."""
    parts = [part.strip() for part, *_rest in Formatter().parse(transliterate(words))]
    return sorted((part for part in parts if part), key=len, reverse=True)


def first_too_long(wording: Wording, text: str, language: str, limit: int) -> tuple[bool, str] | None:
    """Return the first SMS (True) or screen (False) that is too long in this wording, and its text; None if none is."""
    with speaking(language, wording):
        sent = [transliterate(text_of()) for text_of in SMS_INVENTORY.values()]
        if long := [sms_text for sms_text in sent if segments(sms_text) > 1]:
            return True, long[0]
        for screen in known_screens():
            if text not in screen.texts:
                continue
            screen_limit = _limit_for(callers.CALLERS[screen.who], limit)
            seen = _revisited(screen, language, limit)
            if seen and (walker.faults_in(seen, screen_limit) or _turns_a_page(seen, screen_limit)):
                return False, "\n".join(page.text for page in seen.pages)
    return None


def _revisited(screen: KnownScreen, language: str, limit: int) -> walker.Visit | None:
    """Return the screen in the current language and wording; None if only the first language has a path to it."""
    caller = callers.CALLERS[screen.who]
    try:
        return walker.revisit(menu, caller, language, screen.answers, _limit_for(caller, limit))
    except StaleAnswers:
        return None


def _limit_for(caller: Caller, limit: int) -> int:
    return SMS_LIMIT if caller.start in DISTRESS_ENTRIES else limit


def _turns_a_page(seen: walker.Visit, limit: int) -> bool:
    name = seen.stop.asked.name if seen.stop.asked else ""
    whole = callers.ON_ONE_SCREEN | ({"way"} if limit == SMS_LIMIT else set())
    return name in whole and len(seen.pages) > 1
