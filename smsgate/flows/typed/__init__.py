"""What people type and text, read: keys, numbers, names, codes, keywords, and words that stop, answer or take back.

Everything here is pure: a text goes in, what it means comes out, None or an unclear reading where that is not sure.
`letters` folds a text first, so that case, accents, look-alikes and invisible signs make no difference.
"""
