"""Flows that a group writes itself: what one is, how it is read from a file, checked, drawn, compared, and exchanged.

Nothing here knows of a database or of a page: `surveys.py` keeps them, `flows/survey.py` says them on the phone.
"""
