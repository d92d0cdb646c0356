"""Which virtual IPs should be up here: what the configuration wants, and what the pair leaves of it."""
