"""Checks that the README and `docs/` are true: stories, commands, settings, addresses, labels, links."""
