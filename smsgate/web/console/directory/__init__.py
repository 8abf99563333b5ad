"""The directory in the console: how groups describe themselves, and the lists that the network maintains for them.

`listing.py` is a group's own page. The others are for admins of the network: the lists of areas, languages and kinds of
people that groups are for, and the public page (`lists.py`); people who would like to start a group (`starting.py`);
and notices to all leaders (`leaders.py`).
"""
