"""Keys of texts: one maker for each cause, no two makers can make the same key, and no key is made by hand."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from smsgate.outbox import keys
from smsgate.outbox.keys import LONGEST, Key

HOUSE = Path(keys.__file__).resolve().parents[1]
SOUGHT_BY_CAUSE = {"conversations/missed_calls.py", "help/answers.py", "outbox/eligibility.py"}
REGISTRY = Path(keys.__file__).resolve()
VALUES = {
    "int": (1, 2, 11),
    "str": ("africastalking", "2h", "again"),
    "datetime": (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), datetime(2027, 1, 2, 18, 30, 5, tzinfo=UTC)),
    "bool": (False, True),
}
MAKERS = {
    name: maker
    for name, maker in inspect.getmembers(keys, inspect.isfunction)
    if maker.__module__ == keys.__name__ and not name.startswith("_")
}


def made_by(name: str) -> Iterator[Key]:
    """Yield the keys that one maker makes from all VALUES."""
    parameters = inspect.signature(MAKERS[name]).parameters
    for chosen in itertools.product(*(VALUES[str(one.annotation)] for one in parameters.values())):
        positional = [
            value for one, value in zip(parameters.values(), chosen, strict=True) if one.kind is not one.KEYWORD_ONLY
        ]
        named = {
            one.name: value
            for one, value in zip(parameters.values(), chosen, strict=True)
            if one.kind is one.KEYWORD_ONLY
        }
        yield MAKERS[name](*positional, **named)


def test_no_two_causes_have_the_same_key() -> None:
    makers = {name: set(made_by(name)) for name in MAKERS}
    assert len(makers) > 30
    causes = {name: {key.partition(":")[0] for key in made} for name, made in makers.items()}
    assert all(len(words) == 1 for words in causes.values()), "each maker has one first word"
    assert len(set().union(*causes.values())) == len(makers), "and no other maker has it"


def test_two_things_of_one_cause_have_two_keys() -> None:
    for name in MAKERS:
        made = list(made_by(name))
        assert len(set(made)) == len(made), name
        assert all(len(key) <= LONGEST for key in made)


def test_a_free_text_comes_last_so_that_it_cannot_pass_for_other_parts() -> None:
    for name, maker in MAKERS.items():
        annotations = [str(one.annotation) for one in inspect.signature(maker).parameters.values()]
        ours = name in ("out_of_credit", "missed_call")  # their first part is a word of our own
        assert "str" not in annotations[:-1] or (ours and annotations == ["str", "datetime"]), name


def test_a_maker_is_one_line_with_a_word_of_its_own() -> None:
    """That way readers of the registry see every form, and the tests above cover them all."""
    for node in ast.parse(REGISTRY.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            (returned,) = [one for one in node.body if not isinstance(one, ast.Expr)]
            assert isinstance(returned, ast.Return), node.name
            assert isinstance(returned.value, ast.Call), node.name
            assert ast.unparse(returned.value.func) == "_key", node.name
            word = ast.literal_eval(returned.value.args[0])
            assert re.fullmatch("[a-z_]+", word), node.name


def test_nobody_makes_a_key_by_hand() -> None:
    """Types ensure the rest: a Text takes a Key, and only the registry makes one."""
    for path in HOUSE.rglob("*.py"):
        if path == REGISTRY:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("Key", "keys.Key", "keys._key"), path
            by_hand = [one.value for one in node.keywords if one.arg == "key" and called.endswith("Text")]
            assert not any(isinstance(value, ast.JoinedStr | ast.Constant | ast.BinOp) for value in by_hand), path


def test_what_is_looked_up_has_a_column() -> None:
    """No key is parsed again. By the first word, answers to missed calls are found, and news that nobody is helping."""
    for path in HOUSE.rglob("*.py"):
        found = re.findall(r"Message\.key\.(?:startswith|like|contains|ilike)", path.read_text())
        assert not found or path.relative_to(HOUSE).as_posix() in SOUGHT_BY_CAUSE, path
