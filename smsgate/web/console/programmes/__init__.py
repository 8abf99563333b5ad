"""One-to-one support: programmes, their cards and roles, the waiting list, matches and counts.

The admins who run a programme (of the network, or of its group) see its rules, cards, roles and counts. Only its
coordinators see who is waiting, who is matched with whom and who asks to be called. Nobody sees who ended or declined a
match. Each page first calls `parts.the_programme` or `parts.the_programme_of_coordinators`.
"""
