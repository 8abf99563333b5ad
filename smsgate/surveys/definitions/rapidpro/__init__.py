"""Flows of RapidPro and TextIt (goflow's definition, versions 13 and 14): imported as definitions, and exported.

An import reads the nodes (`graph`) and turns them into blocks of steps (`walk`): a waiting node and the text before it
become one question (`questions`, `choices`, `options`), rules become options or conditions (`rules`, `variables`), and
nodes that do something unknown here are skipped. The blocks are then put in order (`assemble`). What was changed or
left out is reported with its place (`report`). An export (`exporter`) is a file that RapidPro accepts and that
`import_flow` can read.

Source: https://github.com/nyaruka/goflow, `flows/definition` and `flows/routers/cases`. Start with `importer`.
"""

from smsgate.surveys.definitions.rapidpro.exporter import export_flow
from smsgate.surveys.definitions.rapidpro.files import (
    MOST_BYTES,
    FlowInFile,
    SeveralFlows,
    flows_in,
    is_rapidpro_flow,
    load,
)
from smsgate.surveys.definitions.rapidpro.importer import ImportedFlow, import_flow
from smsgate.surveys.definitions.rapidpro.languages import UnknownLanguage, known_language

__all__ = [
    "MOST_BYTES",
    "FlowInFile",
    "ImportedFlow",
    "SeveralFlows",
    "UnknownLanguage",
    "export_flow",
    "flows_in",
    "import_flow",
    "is_rapidpro_flow",
    "known_language",
    "load",
]
