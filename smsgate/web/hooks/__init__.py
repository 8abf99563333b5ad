"""The hooks: what providers post to us, below `/hooks/<token>/`, in one module for each provider.

`guard.py` decides who may post, and `fields.py` reads the form of a callback strictly. Start with `africastalking.py`.
"""
