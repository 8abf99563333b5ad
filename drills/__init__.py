"""`make drills`: stores, gateways, disks and clocks that hang, slow down, fill up or step back, and the recovery.

Each drill is a function that takes a `Stage` (a running installation with a breakable line to each store), or a set of
tests. It takes a bounded time, stays on loopback, and ends only the processes that it started. To add one, put it into
`ON_STAGE` or `ALONE` of `__main__.py`.
"""
