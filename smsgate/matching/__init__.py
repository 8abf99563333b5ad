"""One-to-one support: someone asks with a card's code, waits, is proposed a supporter, and both walk together a while.

    asks (waiting) ── a coordinator proposes ── both agree ── walking ── ended ── waits again, or stops
                                             └─ not agreed: waits as before

`waiting.py` manages the waiting list, `fit.py` orders supporters for each person on it, with reasons and without a
score, and `matches.py` is the state machine of matches. Only coordinators propose matches, never the software.
`meetings.py`, `carrying.py` and `check_ins.py` serve a match while it is walking; `endings.py` ends what is open when
someone leaves, rests or opts out. `counts.py` counts events by month, so that `retention.py` can delete rows.

Who sees what: the two people in a match see each other's chosen names. Coordinators see names, what people said, and
who asks to be called. Nobody sees who ended a match, who did not agree, or a number that its holder did not share.

Start with `matches.py`.
"""
