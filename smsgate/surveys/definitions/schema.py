"""Reading a survey definition from plain JSON, and checking it.

It must match the published schema, and meet rules that a schema cannot express.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from smsgate.core.admin_text import _
from smsgate.flows.survey import END

Definition = Mapping[str, Any]  # as in schema.json, with every default filled in
ERROR, WARNING = "error", "warning"
MOST_FAULTS = 20
MOST_NUMBER = 10**15  # positive or negative; JSON readers everywhere can handle it
MOST_STEPS_V1, LABEL_V1 = 60, 30
_UNREADABLE = re.compile("[\\0\\ud800-\\udfff]")


@dataclass(frozen=True)
class Fault:
    """What is wrong and where, in words for the survey's author; a warning does not prevent publishing."""

    where: str
    what: str
    severity: str = ERROR
    step: int | None = None  # its index in the list of steps


class InvalidDefinition(ValueError):
    """The data is not a valid definition; `faults` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.what}" if fault.where else fault.what for fault in faults))
        self.faults = faults


def parse_definition(data: object) -> Definition:
    """Return the data as a definition with every default filled in. Raises InvalidDefinition."""
    faults = [_fault_of(error) for error in _schema_errors(data)]
    if faults or not isinstance(data, Mapping):
        raise InvalidDefinition(faults or [Fault("", _("This isn't a flow."))])
    definition = {"anonymous": False, "keep_days": 30, **json.loads(json.dumps(data))}
    faults = list(_beyond_schema(definition))
    if faults:
        raise InvalidDefinition(faults[:MOST_FAULTS])
    return definition


def readable(data: object) -> object:
    """Return data read from a file without what no screen shows and no database stores: NUL, and half of an emoji.

    Raises RecursionError if it is nested too deeply.
    """
    if isinstance(data, str):
        return _UNREADABLE.sub("", data)
    if isinstance(data, Mapping):
        return {readable(key): readable(value) for key, value in data.items()}
    return [readable(part) for part in data] if isinstance(data, list) else data


def without_odd_numbers(data: object) -> object:
    """Return data read from a file unchanged. Raises InvalidDefinition for numbers that no definition can have.

    A file may contain integers of hundreds of digits, infinity or NaN, on which later code would fail.
    """
    waiting = [data]
    while waiting:
        part = waiting.pop()
        if isinstance(part, int | float) and not -MOST_NUMBER <= part <= MOST_NUMBER:
            raise InvalidDefinition([Fault("", _("This form isn't used here."))])
        if isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
    return data


def texts_of(step: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return a step's texts by language, first its own, then its options' labels; [] for a silent step."""
    words = step.get("say") or step.get("ask") or step.get("choose")
    return [*([words] if words is not None else []), *(option["label"] for option in step.get("options", ()))]


def answer_names(definition: Mapping[str, Any]) -> list[str]:
    """Return the names under which answers and stored values are saved, in the order of the steps."""
    names = (step.get("remember") or step.get("as") for step in definition["steps"] if not {"say", "go"} & step.keys())
    return list(dict.fromkeys(str(name) for name in names if name))


def version_of(steps: Iterable[Mapping[str, Any]]) -> int:
    """Return the lowest schema version that allows these steps."""
    listed = list(steps)
    return 2 if len(listed) > MOST_STEPS_V1 or any(_of_version_2(step) for step in listed) else 1


def _of_version_2(step: Mapping[str, Any]) -> bool:
    ranges = {"from", "up_to"}
    if any(len(label) > LABEL_V1 for option in step.get("options", ()) for label in option["label"].values()):
        return True
    return bool({"go", "remember", *ranges} & step.keys() or ranges & step.get("only_if", {}).keys())


def where_said(step: int) -> str:
    """Return what to call the step with this index; people count from 1."""
    return _("Step {number}").format(number=step + 1)


@cache
def _schema() -> Draft202012Validator:
    text = (resources.files("smsgate.surveys.definitions") / "schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _schema_errors(data: object) -> list[ValidationError]:
    errors = []
    for error in _schema().iter_errors(data):
        errors.append(error)
        if len(errors) >= MOST_FAULTS:
            break
    return errors


def _fault_of(error: ValidationError) -> Fault:
    """Return a schema error as a fault in words for the author."""
    if error.validator == "oneOf" and error.context:
        error = best_match([error]) or error
    path = [str(part) for part in error.absolute_path]
    step = int(path[1]) if len(path) > 1 and path[0] == "steps" else None
    rest = path[2:] if step is not None else path
    where = " / ".join([*([where_said(step)] if step is not None else []), *rest])
    why = _REASONS.get(str(error.validator), _other_reason)
    return Fault(where, why(error), step=step)


def _other_reason(_error: ValidationError) -> str:
    return _("This isn't written in the right form.")


_REASONS: dict[str, Callable[[ValidationError], str]] = {
    "required": lambda error: _("Something is missing: {names}").format(names=", ".join(_missing(error))),
    "additionalProperties": lambda _error: _("There's something here that isn't used."),
    "maxLength": lambda error: _("Too long: {count} characters at most.").format(count=error.validator_value),
    "minLength": lambda _error: _("This is empty."),
    "maxItems": lambda error: _("Too many: {count} at most.").format(count=error.validator_value),
    "minItems": lambda error: _("Add at least {count}.").format(count=error.validator_value),
    "pattern": lambda _error: _("Use only small letters, digits and _ (or - in the flow's name)."),
    "enum": lambda error: _("Use one of these: {names}").format(names=_joined(error)),
    "type": lambda _error: _("This form isn't used here."),
}


def _joined(error: ValidationError) -> str:
    values: list[object] = list(error.validator_value)  # type: ignore[arg-type]
    return ", ".join(map(str, values))


def _missing(error: ValidationError) -> list[str]:
    present = error.instance if isinstance(error.instance, Mapping) else {}
    names: list[str] = list(error.validator_value)  # type: ignore[arg-type]
    return [name for name in names if name not in present]


def _beyond_schema(definition: Definition) -> Iterator[Fault]:
    """Yield faults that a schema cannot express: repeated names, steps leading back or nowhere, missing texts."""
    places: dict[str, int] = {}
    for at, step in enumerate(definition["steps"]):
        name = step.get("as")
        if definition["smsgate"] == 1 and _of_version_2(step):
            yield _fault(
                at, _("Write smsgate: 2 in the file to use a step like this, or answers of more than 30 characters.")
            )
        if name in places:
            yield _fault(at, _("The name {name} is used twice.").format(name=name))
        elif name:
            places[name] = at
    for at, step in enumerate(definition["steps"]):
        yield from _reference_faults(definition, places, at, step)
    yield from _missing_texts("", definition["languages"], definition["title"], None)
    for at, step in enumerate(definition["steps"]):
        for text in texts_of(step):
            yield from _missing_texts(where_said(at), definition["languages"], text, at)


def _reference_faults(
    definition: Definition, places: Mapping[str, int], at: int, step: Mapping[str, Any]
) -> Iterator[Fault]:
    for to in filter(None, [step.get("to"), step.get("go"), *(option.get("to") for option in step.get("options", ()))]):
        if to != END and to not in places:
            yield _fault(at, _("This leads to {name}, which doesn't exist.").format(name=to))
        elif to != END and places[to] <= at:
            yield _fault(
                at,
                _("This leads back to {name}, but a flow only goes forward. Use a list that is shown again.").format(
                    name=to
                ),
            )
    values = [option["is"] for option in step.get("options", ())]
    if len(set(values)) < len(values):
        yield _fault(at, _("Two answers have the same short name."))
    yield from _condition_faults(definition["steps"], at)
    for holder in (step, step.get("only_if", {})):
        if "from" in holder and "up_to" in holder and holder["from"] > holder["up_to"]:
            yield _fault(at, _("The lowest number is above the highest."))


def _condition_faults(steps: Sequence[Mapping[str, Any]], at: int) -> Iterator[Fault]:
    condition = steps[at].get("only_if")
    if condition is None:
        return
    # A list that is asked again comes back with all that was answered behind it.
    name, before = condition["step"], steps if any(step.get("again") for step in steps[:at]) else steps[:at]
    sources = [
        step for step in before if name in (step.get("remember"), step.get("as")) and not {"say", "go"} & step.keys()
    ]
    if not sources:
        yield _fault(at, _("It depends on {name}, which isn't asked before it.").format(name=name))
    elif not any("ask" in step for step in sources):
        known = {option["is"] for step in sources for option in step.get("options", ())}
        known |= {step["value"] for step in sources if "remember" in step}
        if unknown := sorted({*condition.get("is", condition.get("not", []))} - known):
            yield _fault(at, _("It depends on an answer that doesn't exist: {name}").format(name=", ".join(unknown)))


def _missing_texts(where: str, languages: list[str], text: Mapping[str, str], at: int | None) -> Iterator[Fault]:
    for language in languages:
        if not text.get(language, "").strip():
            yield Fault(where, _("Text is missing in {language}").format(language=language), step=at)


def _fault(at: int, what: str) -> Fault:
    return Fault(where_said(at), what, step=at)
