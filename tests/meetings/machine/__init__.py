"""The state machine of meetings and notices: what leaders, members, workers and nights do in any order; its invariants.

Each layer builds on the one before: two groups and what each phone has read (`world`), what a text may say when it
leaves (`texts`), workers and time (`workers`), what leaders do (`leaders`), what members do (`members`).
"""
