"""Applying a router's rules to an answer, with each test as goflow defines it (`flows/routers/cases`)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from smsgate.surveys.definitions.rapidpro.graph import Case, Router

TOKEN = re.compile(r"[\w']+|[\u2600-\u27bf\U0001f300-\U0001faff]")
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
WORD_TESTS = ("has_any_word", "has_all_words", "has_phrase", "has_only_phrase", "has_only_text", "has_beginning",
              "has_category")  # fmt: skip
NUMBER_TESTS = ("has_number", "has_number_between", "has_number_eq", "has_number_gt", "has_number_gte", "has_number_lt",
                "has_number_lte")  # fmt: skip
HIGHEST = 999_999_999_999_999


@dataclass(frozen=True)
class Range:
    """The whole numbers that pass a test."""

    least: int = 0
    most: int = HIGHEST

    def bounds(self) -> dict[str, int]:
        """Return the range as `from` and `up_to` of a definition, without bounds that make no difference."""
        found = {"from": self.least} if self.least > 0 else {}
        return found | ({"up_to": self.most} if self.most < HIGHEST else {})


def category_of(cases: Iterable[Case], answers: Iterable[str], default: str = "") -> str:
    """Return the category of the first rule that matches an answer, which may have several forms."""
    forms = list(answers)
    return next((case.category for case in cases if any(matches(case, form) for form in forms)), default)


def matches(case: Case, answer: str) -> bool:
    """Return whether an answer passes a test; False for tests that are not about words or numbers."""
    if case.type in NUMBER_TESTS:
        found, limits = numbers(answer), range_of(case)
        return limits is not None and any(limits.least <= number <= limits.most for number in found)
    if case.type == "has_pattern":
        return _has_pattern(answer, first(case))
    if case.type == "has_category":
        return answer.casefold() in [one.casefold() for one in case.arguments]
    return _matches_words(case, answer)


def _matches_words(case: Case, answer: str) -> bool:
    said, wanted = tokens(answer), tokens(" ".join(case.arguments))
    if case.type == "has_text":
        return bool(answer.strip())
    if case.type == "has_any_word":
        return bool(set(said) & set(wanted))
    if case.type == "has_all_words":
        return bool(wanted) and set(wanted) <= set(said)
    if case.type == "has_only_phrase":
        return said == wanted
    if case.type == "has_phrase":
        return any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1))
    if case.type == "has_beginning":
        return bool(first(case).strip()) and answer.strip().casefold().startswith(first(case).strip().casefold())
    return case.type == "has_only_text" and answer == first(case)


def _has_pattern(answer: str, pattern: str) -> bool:
    """Return whether an answer matches a pattern; False for one that is invalid in Python or could take long."""
    if len(pattern) > 200 or re.search(r"[+*}]\)*[+*{]", pattern):
        return False
    try:
        return re.search(pattern.strip(), answer[:160], re.IGNORECASE | re.MULTILINE) is not None
    except (re.error, RecursionError):
        return False


def tokens(text: str) -> list[str]:
    """Return the words of a text in the form in which tests compare them."""
    return TOKEN.findall(text.casefold())


def numbers(text: str) -> list[float]:
    """Return the numbers in a text."""
    return [float(one.replace(",", ".")) for one in NUMBER.findall(text) if len(one) < 20]


def range_of(case: Case) -> Range | None:
    """Return the whole numbers that pass a test; None if its bounds are not numbers."""
    if case.type == "has_number":
        return Range()
    bounds = [found[0] for one in case.arguments if (found := numbers(one)) and NUMBER.fullmatch(one.strip())]
    if len(bounds) != len(case.arguments) or len(bounds) < (2 if case.type == "has_number_between" else 1):
        return None
    low = bounds[0]
    return {
        "has_number_between": lambda: Range(max(math.ceil(low), 0), math.floor(bounds[-1])),
        "has_number_eq": lambda: Range(math.ceil(low), math.floor(low)),
        "has_number_gt": lambda: Range(max(math.floor(low) + 1, 0)),
        "has_number_gte": lambda: Range(max(math.ceil(low), 0)),
        "has_number_lt": lambda: Range(0, math.ceil(low) - 1),
        "has_number_lte": lambda: Range(0, math.floor(low)),
    }[case.type]()


def first(case: Case) -> str:
    """Return the first argument of a test, or ""."""
    return case.arguments[0] if case.arguments else ""


def rules_for(router: Router) -> tuple[Case, ...]:
    """Return a router's rules, except those of its timeout category."""
    return tuple(case for case in router.cases if case.category != router.timeout_category)
