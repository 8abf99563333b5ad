"""Reads what people type and text: keys, numbers, names, codes, keywords, and words that stop, answer or take back.

Everything here is pure: a text goes in and its meaning comes out, or None or an unclear reading if that is uncertain.
`letters` folds a text first, so that case, accents, look-alikes and invisible characters make no difference.
"""
