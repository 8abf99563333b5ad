"""Looking for a group, and asking to start one.

`find.py` begins where someone wants to join and has no code: near them, by first letters, by language, by phone. Each
way ends at what one group says of itself, and joining it is as by its code (`flows/member/joining.py`). `narrowing.py`
makes one choice out of many in few keys, for any list. `start_group.py` asks two questions for the network's admins.
"""
