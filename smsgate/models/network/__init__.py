"""What the network keeps for all of its groups: areas and languages, the directory, and helplines.

Whatever leads to a person in it is sealed, or goes with the person: who would like to start a group, and leaders on the
list of leaders.
"""
