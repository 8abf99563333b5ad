"""A group's meetings, single and repeating: planning, changes, reminders and replies.

Members hear of a change once, in one text for any number of dates, and only if it concerns them. No reminder arrives
in quiet hours or too late to be of use. Nobody ever has to reply.

A meeting is a row with its start in UTC. A leader plans it, or the scheduler creates it ahead of time from a series
(`occurrences`). Until it begins it can be moved, changed or cancelled, by hand (`change_notices`, `meetings`) or
because its series changed (`series`), and members are told (`news`); a date that a series dropped is on again if the
series gets it back. The scheduler queues its reminders (`reminders`), members reply (`rsvp`), and a leader may record
how many came. A series goes on until someone ends it, its group closes or its rule has no more dates.

Start with `meetings.py` and `change_notices.py`; for series read `series.py`, then `recurrence.py` (the rules),
`occurrences.py` (their dates) and `host_rotation.py`.
"""
