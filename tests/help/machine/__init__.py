"""The machine of help requests: what members, responders, workers and networks do in any order, and what always holds.

Each layer builds on the one before: what is known (`knowledge`), the workers and the clock (`workers`), what a redial
shows (`truths`), who agreed to what (`consent`), the requests themselves (`requests`), what is texted (`texts`), what
is dialled and rung (`phones`).
"""
