"""What the network keeps for all its groups: areas and languages, the directory, and crisis lines.

What leads to a person is sealed or deleted with them: those who would like to start a group, and leaders on the list
of leaders.
"""
