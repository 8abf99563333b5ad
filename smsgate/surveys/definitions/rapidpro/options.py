"""Finding the options that a question names in its text: "1 = Yes, 2. No", "Reply A for…", a list of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

VERBS = (
    r"(?:please\s+)?"
    r"(?:reply|type|send|press|text|enter|answer|choose|select|tap|dial|jibu|andika|tuma|bonyeza|"
    r"r[ée]pondez|tapez|envoyez|[ée]crivez|appuyez)"
    r"(?:\s+(?:with|by|par|sur|kwa))?(?:\s+(?:the|le)?\s*(?:number|num[ée]ro|namba))?"
)
KEY = r"[\"'“‘(\[*_]*(?P<key>\d{1,3}|[A-Za-z])(?:\ufe0f?\u20e3)?[\"'”’)\]*_]*"
FOR = r"(?:for|if|to(?= +[^\W\d])|kwa|kama|pour|si|means)"
LINE = re.compile(
    rf"^[\s•·\-–—*>]*(?:(?:or|ou|au)\s+)?(?:{VERBS}\s+)?{KEY}(?P<gap>\s*[.):=\-–—]+\s*|\s+{FOR}\s+|(?<=[\u20e3\])])\s*|(?<=\d)\s+(?=[^\W\d_]))(?P<label>\S.*)$",
    re.IGNORECASE,
)
INLINE = re.compile(
    rf"(?<![\w.,:/-])(?:[\"'“‘(\[]?(?P<key>\d{{1,2}}|[A-H])[\"'”’)\]]?(?:\s*=\s*|\s*[.):]\s*(?=[^\W\d_\"'“])|\s*[-–—]\s*(?=[^\W\d_])|\s+{FOR}\s+)"
    r"|[(\[]?(?P<small>\d{1,2}|[a-h])[)\]]\s*(?=[^\W_]))",
)
BARE = re.compile(r"(?<![\w.,:/-])(?P<key>\d)\s+(?=[A-ZÀ-Þ])")
BEHIND = re.compile(r"(?P<label>[^\W\d_][^()\n,;/?:.]*?)\s*\((?P<key>\d{1,2})\)")
FOR_BEFORE = re.compile(
    rf"\b(?:for|if|kwa|kama|pour|si)\s+(?P<label>[^,.;?!\n]{{1,40}}?),?\s+(?:{VERBS})\s+[\"'“]?(?P<key>\d{{1,2}}|[A-H])\b[\"'”]?",
    re.IGNORECASE,
)
NAMED = (
    r"(?:(?<=[.!?\n])|(?<=[.!?] )|^)(?:[^.!?\n\"“]{{0,40}}?)[\"“‘'](?:{word})[\"”’']\s+"
    r"(?:if\s+you\s+(?:want|would\s+like|do\s+not\s+want|wish)\s+to|for|to|if|kwa|kama|pour|si)\s+(?P<label>[^.!?\n]+)[.!?]?"
)
JOINTS = re.compile(r"(?:[\s,;/|&]|\b(?:or|and|ou|et|au|na|ama)\b|\()+$", re.IGNORECASE)
ENDS = re.compile(r"(?<=[^\W\d_])[.!?](?:\s|$)|\n")
LAST_VERB = re.compile(rf"[\s(:,.-]*(?:\b{VERBS})?[\s(:]*$", re.IGNORECASE)
LONGEST = 80
CODES_FROM = 77  # 88, 99, 111 and 999 stand for "other" and "no answer" in many questionnaires


@dataclass(frozen=True)
class Option:
    """An option named in a text: what people type for it, and its label."""

    key: str
    label: str


def options_in(text: str) -> tuple[str, list[Option]]:
    """Return the text without the options that it names, and those options in the order of their keys."""
    for find in (_listed, _in_sentence, _keys_behind, _keys_at_end, _bare_digits):
        stem, options = find(text)
        if _plausible(options):
            return stem.strip(), sorted(options, key=lambda one: _rank(one.key))
    return text, []


def named_for(text: str, words: Iterable[str]) -> tuple[str, str]:
    """Return what one of these words is for according to a text (`type "N" to stop`), and the text without that.

    Both are "" if the text does not say.
    """
    for word in words:
        found = re.search(NAMED.format(word=re.escape(word)), text, re.IGNORECASE)
        if found and (label := _clean(found["label"])) and len(label) <= LONGEST:
            rest = f"{text[: found.start()].rstrip(' ')} {text[found.end() :].lstrip(' .')}"
            return label, re.sub(r"\n{3,}", "\n\n", rest).strip()
    return "", ""


def _rank(key: str) -> tuple[int, str]:
    return (int(key) or CODES_FROM, "") if key.isdecimal() else (200, key)  # 0 comes last, as on a phone


def _plausible(options: list[Option]) -> bool:
    keys = [option.key for option in options]
    if len(keys) < 2 or len(set(keys)) < len(keys) or any(not option.label for option in options):
        return False
    if all(key.isdecimal() for key in keys):
        found = sorted(number for number in map(int, keys) if number < CODES_FROM)
        return bool(found) and found[0] <= 1 and found[-1] <= len(found) + 1
    return sorted(keys)[0] == "a" and ord(sorted(keys)[-1]) - ord("a") < len(keys) + 1


def _clean(label: str) -> str:
    return " ".join(JOINTS.sub("", label.strip().strip("*_").strip()).strip(" \"'“”‘’").rstrip(",;").split())


def _listed(text: str) -> tuple[str, list[Option]]:
    rest, options = [], []
    for line in text.split("\n"):
        found = LINE.match(line)
        if found and _clean(found["label"]) and not _a_sentence(found):
            options.append(Option(found["key"].lower(), _clean(found["label"])))
        else:
            rest.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rest)), options


def _a_sentence(found: re.Match[str]) -> bool:
    """Return whether a line only looks like an option: it starts with a one-letter word, or contains other options."""
    if found["key"].isalpha() and not found["gap"].strip(" ") and found["key"] not in "ABCDEFGH":
        return True
    return len(list(INLINE.finditer(found["label"]))) > 0


def _in_sentence(text: str) -> tuple[str, list[Option]]:
    return _between(text, list(INLINE.finditer(text)))


def _bare_digits(text: str) -> tuple[str, list[Option]]:
    marks = list(BARE.finditer(text))
    counted = [mark["key"] for mark in marks] == [str(number) for number in range(1, len(marks) + 1)]
    return _between(text, marks) if counted else (text, [])


def _between(text: str, marks: list[re.Match[str]]) -> tuple[str, list[Option]]:
    if len(marks) < 2:
        return text, []
    options = []
    end = len(text)
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        stop = following.start() if following else len(text)
        label = text[mark.end() : stop]
        sentence = ENDS.search(label)
        if following is None and sentence:
            end = mark.end() + sentence.start() + 1
            label = label[: sentence.start()]
        label = re.sub(rf"(?:{VERBS})\s*[\"'“(]*$", "", label.strip(), flags=re.IGNORECASE) if following else label
        options.append(Option(_key(mark), _clean(label.strip().rstrip(").").rstrip(".!"))))
    before, behind = text[: marks[0].start()], text[end:] if end < len(text) else ""
    return f"{LAST_VERB.sub(_end_of, before)} {behind.strip()}".strip(), [] if _too_long(options) else options


def _key(mark: re.Match[str]) -> str:
    return next(key for key in mark.groups() if key).lower()


def _end_of(found: re.Match[str]) -> str:
    """Return the full stop or colon that ends the sentence before."""
    return "".join(sign for sign in found.group()[:1] if sign in ".:")


def _too_long(options: list[Option]) -> bool:
    return any(len(option.label) > LONGEST for option in options)


def _keys_behind(text: str) -> tuple[str, list[Option]]:
    return _pairs(text, BEHIND)


def _keys_at_end(text: str) -> tuple[str, list[Option]]:
    return _pairs(text, FOR_BEFORE)


def _pairs(text: str, form: re.Pattern[str]) -> tuple[str, list[Option]]:
    found = list(form.finditer(text))
    if len(found) < 2:
        return text, []
    options = [
        Option(one["key"].lower(), _clean(re.sub(r"^(?:or|and|ou|et|au|na)\s+", "", one["label"]))) for one in found
    ]
    stem = f"{JOINTS.sub('', text[: found[0].start()])} {text[found[-1].end() :].lstrip(' ,.;/)')}"
    return stem.strip(), options
