"""`make drills`: what hangs, drips, fills up or steps back, on a running installation, and that all comes back.

Each drill is a function of a `Stage` (a whole installation with a line to each store), or the tests that are one. It is
bounded, stays on loopback, and ends only the processes that it started. To add one, put it into `DRILLS` of
`__main__.py`.
"""
