"""Looking for a group, and asking to start one.

`find.py` helps someone who wants to join but has no code: they look near them, by first letters, by language, or for
groups that meet by phone. Each way ends at what one group says of itself; joining it works as with a code
(`flows/member/joining.py`). `narrowing.py` lets the caller choose from any long list in few keys. `start_group.py` asks
two questions on behalf of the network's admins.
"""
