"""Finding groups, in the console: what a group says of itself, and what the network keeps for all of them.

`listing.py` is a group's page. The others are for admins of the network: the lists of areas, languages and whom groups
are for, and the public page (`lists.py`); who would like to start a group (`starting.py`); notices to all leaders
(`leaders.py`).
"""
