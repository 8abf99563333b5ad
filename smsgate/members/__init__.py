"""Members: what people decide about themselves, from signing up to being erased, and what is forgotten unasked.

A phone's holder becomes a member by signing up (`members.join`) and stays one until they leave
(`leaving.leave_service`) or everything about their number is erased, by them or by an operator (`leaving.erase`).
Pausing group messages and reading by dialling only are settings, changed at any time.

What is true of the number stands beside that, member or not. STOP opts it out and only START opts it in again
(`opt_out`). The network may report it as blocked. It is possibly reassigned after half a year of silence, a delivery
report or an operator's word, until its holder says at a dial whether they are the same person (`number_reassignment`).

A PIN guards reading and changing, never sending help (`pins`). What it guards by which channel, and what a possibly
reassigned number may do, is in `flows/guard.py`, which is asked with the states that `guard.states_of` finds. A PIN
is removed by its owner, by a code given to their responders, or by the scheduler three days after it was reported
forgotten, if texts could tell of it all the while. The scheduler also forgets old data (`retention`).

Start with `members.py` and `opt_out.py`; `pins.py` stands alone.
"""
