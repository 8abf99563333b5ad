"""Definitions of surveys: what one is, how it is read from a file, validated, laid out, compared and imported.

A definition is plain JSON: a title and texts in one or more languages, and a list of steps that say something, ask for
text or offer options; silent ones (version 2) go on elsewhere or remember something, by what was answered before. It
leads forward only, and it has no expression language. `schema.parse_definition` accepts or refuses data as a
definition; `validation.find_faults` walks it as a phone would and tells what prevents publishing or should be
reconsidered. Files may come from anybody (`yaml_files`), also from RapidPro (`rapidpro`, which exports, too);
`library/` has ready-made ones.

Nothing here knows of a database or a page: `surveys/surveys.py` stores definitions, `flows/survey.py` runs them on the
phone. Start with `schema.json` and `schema.py`.
"""
