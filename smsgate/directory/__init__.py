"""The directory: where a person finds a group, and leaders find one another.

A package beside `matching`, which brings two people together: here nobody is brought together, a group says what it
likes about itself, and seekers read it. The lists of areas and languages are kept here (`areas.py`, `open_to.py`);
one-to-one support reads the same ones.

A group is in the directory while it is `listed` and open, with or without a `Listing`: its area, languages, whom it is
for, when it meets (`listing.py`). By phone it is found by area, by first letters or by language (`search.py`), on the
web on a page that is off until the network turns it on (`public_page.py`). Places are words of the network, never where
someone is.

Someone who would like to start a group asks the network's admins, who answer by a text and do not see the number
(`start_requests.py`). The network writes to all leaders, and leaders who wish so are seen and written to by other
leaders, number hidden (`leaders.py`).
"""
