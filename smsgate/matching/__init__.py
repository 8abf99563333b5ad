"""One to one: someone asks with a card's code, waits, is proposed a supporter, and both walk together for a while.

    asks (waiting) ── a coordinator proposes ── both agree ── walks ── ends ── waits again, or stops
                                             └─ not agreed: waits as before

`waiting.py` keeps the list, `fit.py` orders supporters for each who waits, with reasons and without a score, and
`matches.py` is the one state machine: it proposes, hears both, begins and ends. A coordinator proposes; the machine
matches nobody. `meetings.py`, `carrying.py` and `check_ins.py` serve a match that walks; `endings.py` ends what is open
when someone leaves, rests or opts out. `counts.py` counts by month as things happen, so that rows can go:
`retention.py`.

Who sees what: the two of a match see the names that they chose. Coordinators see names, what people said, and who asks
to be called. Nobody sees who ended a match, who did not agree, or a number that its holder did not share.

Start with `matches.py`.
"""
