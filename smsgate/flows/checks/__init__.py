"""Checks of everything that the service says, run by the tests, by `smsgate check catalogues` and by the console.

`walker` takes every path of a flow in a language, with the longest values that an action may return: no crash, no dead
end, no screen over the limit. `callers` lists the kinds of caller to walk for. `sms_inventory` has the texts sent by
SMS with their longest values, each of which must fit one segment. `catalogues` compares translations with their source,
and `style` finds words that sound medical or like an order. The console walks the flows with a group's own wording,
and checks its style, before the wording is saved.

Start with `walker.py`.
"""
