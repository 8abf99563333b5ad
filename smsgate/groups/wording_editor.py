"""Rewording the service's texts for a group: listing them, checking new words, saving and undoing changes.

A group's words must meet the same rules as the service's own: the same placeholders and keys, the SMS alphabet, no
medical words, and every screen and SMS within its limit even with the longest names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from hashlib import blake2s

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.admin_text import _, changes_said
from smsgate.core.gsm7 import expensive_chars, is_gsm7, segments, transliterate
from smsgate.core.i18n import LANGUAGES, SOURCE, translations
from smsgate.flows.checks.catalogues import filled, lost, placeholders, template
from smsgate.flows.checks.style import medical, orders
from smsgate.groups.wording import wording_at
from smsgate.groups.wording_screens import first_too_long
from smsgate.models import CustomText, Group

LONGEST = 480  # characters in any text
# Sections by the files (or path prefixes) that use a text; the first match is its section.
SECTIONS = {
    "help": (
        "flows/help/send", "flows/help/own_word", "flows/help/texts", "flows/help/plan", "flows/help/practice",
        "flows/help/request_status", "flows/help/responder", "flows/sms/help", "conversations/sms/help",
    ),
    "chosen": ("flows/help/people",),
    "hard": ("flows/help/distress", "flows/help/crisis_lines"),
    "meetings": (
        "flows/member/meetings", "flows/leader/attendance", "flows/reminder_times", "flows/sms/meetings",
        "meetings/calendar_feed",
        "web/calendar",
    ),
    "groups": (
        "flows/member/groups", "flows/leader/join_requests", "flows/member/surveys", "flows/survey",
        "flows/sms/groups", "flows/finding/", "flows/member/joining",
    ),
    "settings": (
        "flows/member/settings", "flows/member/pin", "flows/member/reassigned_number",
    ),
    "two": (
        "flows/matching/", "flows/member/enrol", "flows/sms/walking", "matching/",
    ),
    "leading": (
        "flows/spelling",
        "flows/leader/leading", "flows/leader/other_leaders",
        "flows/leader/audit_events", "flows/leader/notice", "flows/member/text_hours",
        "flows/sms/notices",
    ),
    "first": (
        "flows/member/sign_up", "flows/menu", "flows/member/about", "flows/screens", "conversations/",
    ),
    "standing": ("flows/sms/subscription",),
}  # fmt: skip


@dataclass(frozen=True)
class Original:
    """A text of the service: its key in the editor, its source forms, and its section of the list."""

    key: str
    text: str
    plural: str  # "" where it has no plural form
    section: str

    def forms(self, language: str) -> tuple[str, ...]:
        """Return the service's own words, one for each plural form of the language."""
        spoken = translations(language)
        if not self.plural:
            return (spoken.gettext(self.text),)
        if not isinstance(spoken, GNUTranslations):
            return (self.text, self.plural)
        counts = {int(spoken.plural(count)): count for count in range(20, -1, -1)}  # type: ignore[attr-defined]
        return tuple(spoken.ngettext(self.text, self.plural, counts[form]) for form in sorted(counts))

    def source(self, form: int) -> str:
        """Return the source form that corresponds to the translation's `form`."""
        return self.plural if self.plural and form else self.text


@dataclass(frozen=True)
class WordingFault:
    """What is wrong with a wording; a `doubt` is only a warning and does not prevent saving."""

    said: str
    doubt: bool = False
    screen: str = ""


class StaleWording(Exception):
    """Someone else has reworded this text since it was read."""


@cache
def originals() -> dict[str, Original]:
    """Return every text that phones show, by key, in alphabetical order."""
    by_key = {}
    for message in template():
        forms = message.id if isinstance(message.id, (list, tuple)) else (message.id, "")
        if forms[0]:
            key = blake2s(forms[0].encode(), digest_size=6).hexdigest()
            by_key[key] = Original(key, forms[0], forms[1], _section([file for file, _line in message.locations]))
    return by_key


def _section(files: list[str]) -> str:
    names = [file.removeprefix("smsgate/") for file in files]
    for section, prefixes in SECTIONS.items():
        if any(name.startswith(prefixes) for name in names):
            return section
    return "first"


def history(session: Session, group: Group, language: str, text: str) -> list[CustomText]:
    """Return all changes of a group's wording of a text, newest first."""
    same_text = (CustomText.group_id == group.id, CustomText.language == language, CustomText.text == text)
    return list(session.scalars(select(CustomText).where(*same_text).order_by(CustomText.id.desc())))


def unused_wordings(session: Session, group: Group) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return a group's wording of texts that this release no longer has, as (language, text, words); it is not used."""
    known = {original.text for original in originals().values()}
    return [
        (language, text, words)
        for (language, text), words in wording_at(session, group.wording).items()
        if text not in known
    ]


def save_wording(
    session: Session, group: Group, original: Original, language: str, words: list[str] | None, now: datetime, *,
    by: int, seen: int,
) -> bool:  # fmt: skip
    """Save a group's wording of a text; None restores the service's own. Return False if nothing changed.

    `by` is the editor's phone id, `seen` the id of the last change they saw, 0 for none. Raises StaleWording if there
    is a newer one.
    """
    session.refresh(group, with_for_update=True)
    changes = history(session, group, language, original.text)
    if (changes[0].id if changes else 0) != seen:
        raise StaleWording
    if (changes[0].words if changes else None) == words:
        return False
    row = CustomText(group_id=group.id, language=language, text=original.text, words=words, by=by, at=now)
    session.add(row)
    session.flush()
    group.wording = row.id
    return True


def find_faults(group: Group, original: Original, language: str, words: list[str]) -> list[WordingFault]:
    """Return what is wrong with the words themselves; fast enough to run while someone types."""
    faults = []
    own_forms = original.forms(language)
    for form, form_words in enumerate(words):
        faults += list(_faults_of_form(group, original.source(form), own_forms[form], form_words, language))
    return list(dict.fromkeys(faults))


def _faults_of_form(group: Group, source: str, own: str, words: str, language: str) -> Iterator[WordingFault]:
    if not words.strip():
        yield WordingFault(_("Write something, or go back to the original text."))
        return
    yield from _style_faults(group, words)
    try:
        used, required = placeholders(words), placeholders(source)
    except ValueError:
        used, required = Counter(), placeholders(source) or Counter([("", None, None)])
    if used != required:
        names = ", ".join(f"{{{name}}}" for name, _spec, _turned in sorted(required, key=str) if name)
        yield WordingFault(
            _("Keep {names} as written, each as many times as before, and use no other braces.").format(names=names)
            if names
            else _("Nothing is filled in here, so don't use braces.")
        )
        return
    missing = lost(source, words)
    if missing:
        yield WordingFault(_("People need this, so keep it: {words}").format(words=", ".join(missing)))
    sent = transliterate(filled(words, language))
    if not is_gsm7(sent):
        sign = next(iter(expensive_chars(sent)), "")
        yield WordingFault(_("Small phones can't show {sign}").format(sign=sign))
    elif segments(sent) > max(segments(filled(own, language)), segments(filled(source, SOURCE))):
        yield WordingFault(_("With the longest names it is {count} characters: too long.").format(count=len(sent)))


def _style_faults(group: Group, words: str) -> Iterator[WordingFault]:
    if re.search(rf"\b{re.escape(group.name)}\b", words):
        yield WordingFault(
            _("Leave out the group's name: phones are shared. People whose texts may name it get it anyway.")
        )
    if changed := changes_said(words):
        yield WordingFault(changed, doubt=True)
    for word in medical(words):
        yield WordingFault(_("“{word}” is a medical word. Use everyday words.").format(word=word))
    for word in orders(words):
        yield WordingFault(_("This may sound like an order: {word}").format(word=word), doubt=True)


def find_broken_screen(
    session: Session, group: Group, original: Original, language: str, words: list[str], limit: int
) -> WordingFault | None:
    """Return the first screen or SMS that these words make too long for any caller; `limit` is that of a screen."""
    before = wording_at(session, group.wording)
    too_long = first_too_long({**before, (language, original.text): tuple(words)}, original.text, language, limit)
    # If it was too long before, these words are not to blame: a release may have changed the text around them.
    if too_long is None or too_long == first_too_long(before, original.text, language, limit):
        return None
    is_sms, screen = too_long
    sentence = _("An SMS with it would be too long:") if is_sms else _("A screen with it would be too long:")
    return WordingFault(sentence, screen=screen)


def example(words: str, language: str) -> str:
    """Return the words with placeholders filled in with their longest values; unchanged if that fails."""
    try:
        return filled(words, language) if language in LANGUAGES else words
    except (ValueError, KeyError, IndexError):
        return words
