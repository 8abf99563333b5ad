"""Help: a member's own words, sent at the moment they ask to people who agreed to receive them.

A text about a person is sent only by that person's own act, only to responders who agreed, and never to a number on
the member's do-not-contact list.

A responder is asked, then agrees or declines, and may leave at any time, by saying so or by opting out (`responders`).
The scheduler reminds them of an unanswered invitation once; after a week the member may ask again.

A help request is open from `requests.raise_help` until the member reports that they are fine, is erased, or 24 hours
pass (`endings`); sent again, it is open with all its copies. Each responder asked may answer that they are on it, which
holds everything that was to follow, or that they cannot, now or after all (`answers`). The scheduler takes the
escalation steps that the member chose beforehand while nobody answers (`escalation`; the leader among them:
`backup_leader`) and tells them within two minutes what could not be sent (`undelivered`). `status` is what the member
sees of all that. `request_states` has the states, which act moves which, and the one order of locks;
`docs/understand/help-requests.md` shows its tables. A practice is a case of its own and stands before nothing. Crisis
lines are public data with an expiry date (`crisis_lines`).

Start with `request_states.py` and `requests.py`, then `responders.py` and `plans.py`.
"""
