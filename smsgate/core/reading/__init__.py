"""Reading pages and lists although single rows of them can't be read."""
