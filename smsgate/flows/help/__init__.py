"""Flows about help: what a member prepares, sending it, and being a responder.

A member writes help texts (`texts`), chooses up to three responders (`people`) and decides what happens when nobody
answers (`plan`). A responder is asked first and may say no or stop at any time (`responder`). `send` raises a help
request, confirmed by a second, different key; after that it shows who was reached and who answered, takes the text
back, sends it again or closes the request. The states of a request are kept by `smsgate.help`.

`distress` answers a text that speaks of despair, and `crisis_lines` lists numbers to call. Nothing here scores,
judges or orders, and no limit ever bars a member from sending.

Start with `send.py`, then `plan.py`.
"""
