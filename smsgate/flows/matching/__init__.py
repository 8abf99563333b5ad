"""Flows for one-to-one support: for people who ask for a supporter, and for supporters.

`asking.py` asks with the code of a card and `agreeing.py` answers a proposal. `walking.py` is the menu entry "One to
one" for both; `supporting.py` has the rest of a supporter's menu, and `two.py` a match under way: meeting, writing, and
ending it. Coordinators propose matches in the console (`smsgate/matching`).

Start with `walking.py`.
"""
