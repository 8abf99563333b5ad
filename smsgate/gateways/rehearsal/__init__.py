"""A rehearsal provider: it speaks Africa's Talking's protocol on loopback, and misbehaves when told to.

`provider` takes sends, keeps the account and has the network report. A scenario (`scenarios`) says by weights how sends
are answered (`answers`), what is reported about accepted texts (`fates`) and what invented people do meanwhile
(`people`). `postman` carries callbacks to the service's hooks, `wire` is HTTP, and `ledger` records everything as JSON
lines, from which `table` prints a summary. A seed makes a rehearsal repeatable.

Start with `scenarios.py`.
"""
