"""Surveys: the dialogues that a group's admins write themselves (the console calls them flows).

Members meet a frozen version, so an edit never changes a survey under someone who is in the middle of it. Only a
definition without errors can be published. Answers are voluntary, encrypted, and deleted after the days that the
survey states; an anonymous survey stores neither the phone nor the time of day.

An admin creates a survey, whose draft can be edited at any time, and publishes the draft as a numbered version, which
replaces the one that members met before. An earlier version can be copied back to the draft. Once published, a survey
is reached from the group's menu, after joining, by a keyword or by a code, as the admin chose, until the admin retires
it. The scheduler deletes old answers.

Start with `surveys.py` (drafts, versions, access), then `answers.py`; `definitions` holds what a survey may contain.
"""
