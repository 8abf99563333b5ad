"""What the README and `docs/` say holds: stories, commands, settings, addresses, labels, links."""
