"""The state machine of help requests: what members, responders, workers and networks do in any order; its invariants.

Each layer builds on the one before: what the machine knows (`knowledge`), the workers and the scheduler (`workers`),
what a redial shows (`truths`), who agreed to what (`consent`), the requests themselves (`requests`), texts (`texts`),
dialling and missed calls (`phones`).
"""
