"""Survey definitions: their schema, and reading, validating, comparing and importing them.

A definition is plain JSON: a title and texts in one or more languages, and a list of steps that show a message, ask for
text or offer options; silent steps (version 2) jump ahead or store a value, depending on earlier answers. A survey only
goes forward, and there is no expression language. `schema.parse_definition` turns data into a definition or refuses it;
`validation.find_faults` walks it as a phone would and returns what prevents publishing or should be reconsidered. Files
may come from anybody (`yaml_files`), including from RapidPro (`rapidpro`, which also exports); `library/` has
ready-made definitions.

Nothing here depends on the database or the console: `surveys/surveys.py` stores definitions, `flows/survey.py` runs
them on the phone. Start with `schema.json` and `schema.py`.
"""
