"""The directory: where people find a group, and leaders find one another.

Unlike `matching`, it brings nobody together: a group says what it likes about itself, for people to read. The lists of
areas and languages are managed here (`areas.py`), as are those whom groups can say they are for (`open_to.py`);
one-to-one support uses the same areas and languages.

A group is in the directory while it is `listed` and open, with or without a `Listing` of its area, languages, whom it
is for and when it meets (`listing.py`). On the phone, people find it by area, first letters or language (`search.py`);
on the web, on a page that is off until the network turns it on (`public_page.py`). Areas come from the network's list
and never reveal where someone is.

People who would like to start a group ask the network's admins, who answer by text without seeing the number
(`start_requests.py`). The network can write to all leaders, and leaders who opt in can be found and written to by
other leaders, with their numbers hidden (`leaders.py`).
"""
