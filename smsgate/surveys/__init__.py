"""Surveys: dialogues that a group's admins write themselves (the console calls them flows).

Members see a frozen version, so an edit never changes a survey for someone in the middle of it. Only a definition
without errors can be published. Answers are voluntary, encrypted, and deleted after the number of days set in the
survey; an anonymous survey stores neither the phone nor the time of day.

An admin creates a survey, edits its draft at any time, and publishes it as a numbered version, which replaces the one
that members saw before. An earlier version can be copied back to the draft. Once published, members reach a survey from
the group's menu, after joining, by a keyword or by a code, as the admin chose, until the admin archives it. The
scheduler deletes old answers.

Start with `surveys.py` (drafts, versions, access), then `answers.py`; `definitions` has what a survey may contain.
"""
