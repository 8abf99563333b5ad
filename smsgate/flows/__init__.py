"""What the service says on a phone, written as pure dialogues: no models, no Flask, no I/O, no clock.

A flow is a generator that yields the steps of `steps.py`: it tells, asks, offers a choice, or requests an action
(`Do`). Anything that depends on the outside world comes from the result of an action or from the `Caller`, a snapshot
taken when the session began. That is why one flow serves both USSD and SMS, and why `checks/` can walk every path.

On every turn `engine.replay` restarts the flow, feeds it the remembered answers by name, performs each action that has
not been performed yet and stops at the first unanswered question; `screens.lay_out` turns that stop into numbered
pages. `smsgate.conversations` keeps the answers from turn to turn and performs the actions. When the session ends its
answers are gone, so whatever must last is stored by an action.

`menu.py` is the root flow; `member/`, `help/` and `leader/` hold its entries, and `actions/` declares what they may
request. `sms/` has the texts sent by SMS, `survey.py` runs dialogues that groups write as data, `typed/` reads what
people type (`keywords.py` recognises STOP and the like), and `checks/` proves that all of it fits and reads well.

Start with `steps.py`, then `menu.py`.
"""
