"""One-to-one support: programmes, their cards and roles, who waits, matches, and counts.

An admin who runs a programme (of the network, or of its group) sees rules, cards, roles and counts; who waits,
who walks with whom and who asks to be called is for its coordinators alone. Nobody sees who ended a match or did not
agree. Each page asks `parts.the_programme` or `parts.the_programme_of_coordinators` first.
"""
