"""`make bench`: processor time, latency and memory of the real processes, over loopback, with real stores.

`turns` measures what a USSD turn costs compared with a bare Flask view, `helptexts` how long a help text takes to reach
the gateway while notices wait, `broadcast` a notice to up to 100,000 people, and `deliveries` delivery reports. Each of
them sets up an installation with its own stores (`house`), starts its processes (`processes`) and plays the provider
(`callers`). Ratios are taken within one run, since the figures of a run depend on the machine's other work; `README.md`
records figures and targets.
"""
