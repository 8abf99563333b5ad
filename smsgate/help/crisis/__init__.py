"""Crisis lines: public data with a source, a verification date and an expiry date; an expired one is never shown.

`crisis_lines` stores and shows them, `crisis_line_files` reads and writes them as files that volunteers pass on.
"""
