"""Crisis lines: public data with a source, a day of verification and an expiry date; an expired one is never shown.

`crisis_lines` keeps and shows them, `crisis_line_files` reads and writes them as files that volunteers pass on.
"""
